import type { CommandDef } from "citty";

/** Every command by the word that is typed; only the one that runs is read. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandDef>>> = {
  // Learn and judge.
  train: async () => (await import("./commands/train.ts")).train,
  "learning-rate": async () => (await import("./commands/learning-rate.ts")).learningRate,
  sweep: async () => (await import("./commands/sweep.ts")).sweep,
  eval: async () => (await import("./commands/eval.ts")).evaluate,
  predict: async () => (await import("./commands/predict.ts")).predict,
  generate: async () => (await import("./commands/generate.ts")).generate,
  // Look inside.
  count: async () => (await import("./commands/count.ts")).count,
  inspect: async () => (await import("./commands/inspect.ts")).inspect,
  fingerprint: async () => (await import("./commands/fingerprint.ts")).fingerprint,
  quantize: async () => (await import("./commands/quantize.ts")).quantize,
  base: async () => (await import("./commands/base.ts")).base,
  combine: async () => (await import("./commands/combine.ts")).combine,
  // Other formats.
  import: async () => (await import("./commands/import.ts")).importAdapter,
  export: async () => (await import("./commands/export.ts")).exportAdapter,
  // Share.
  publish: async () => (await import("./commands/publish.ts")).publish,
  version: async () => (await import("./commands/version.ts")).version,
  staged: async () => (await import("./commands/staged.ts")).staged,
  approve: async () => (await import("./commands/approve.ts")).approve,
  tag: async () => (await import("./commands/tag.ts")).tag,
  deprecate: async () => (await import("./commands/deprecate.ts")).deprecate,
  withdraw: async () => (await import("./commands/withdraw.ts")).withdraw,
  verify: async () => (await import("./commands/verify.ts")).verify,
  key: async () => (await import("./commands/key.ts")).key,
  pull: async () => (await import("./commands/pull.ts")).pull,
  search: async () => (await import("./commands/search.ts")).search,
  find: async () => (await import("./commands/find.ts")).find,
  which: async () => (await import("./commands/which.ts")).which,
  merge: async () => (await import("./commands/merge.ts")).merge,
  // Adapters of an app.
  add: async () => (await import("./commands/add.ts")).add,
  remove: async () => (await import("./commands/remove.ts")).remove,
  install: async () => (await import("./commands/install.ts")).install,
  update: async () => (await import("./commands/update.ts")).update,
  outdated: async () => (await import("./commands/outdated.ts")).outdated,
  ls: async () => (await import("./commands/ls.ts")).list,
  why: async () => (await import("./commands/why.ts")).why,
  bundle: async () => (await import("./commands/bundle.ts")).bundle,
  types: async () => (await import("./commands/types.ts")).types,
  cache: async () => (await import("./commands/cache.ts")).cache,
  // A registry.
  serve: async () => (await import("./commands/serve.ts")).serve,
  server: async () => (await import("./commands/server.ts")).server,
  login: async () => (await import("./commands/login.ts")).login,
  logout: async () => (await import("./commands/logout.ts")).logout,
  whoami: async () => (await import("./commands/whoami.ts")).whoami,
  token: async () => (await import("./commands/token.ts")).token,
  // Who may do what.
  invite: async () => (await import("./commands/invite.ts")).invite,
  account: async () => (await import("./commands/account.ts")).account,
  scope: async () => (await import("./commands/scope.ts")).scope,
  owner: async () => (await import("./commands/owner.ts")).owner,
  team: async () => (await import("./commands/team.ts")).team,
  access: async () => (await import("./commands/access.ts")).access,
  publisher: async () => (await import("./commands/publisher.ts")).publisher,
  audit: async () => (await import("./commands/audit.ts")).audit,
};
