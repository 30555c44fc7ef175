import type { CommandDef } from "citty";
import { base } from "./commands/base.ts";
import { evaluate } from "./commands/eval.ts";
import { fingerprint } from "./commands/fingerprint.ts";
import { inspect } from "./commands/inspect.ts";
import { login } from "./commands/login.ts";
import { logout } from "./commands/logout.ts";
import { merge } from "./commands/merge.ts";
import { predict } from "./commands/predict.ts";
import { publish } from "./commands/publish.ts";
import { pull } from "./commands/pull.ts";
import { search } from "./commands/search.ts";
import { serve } from "./commands/serve.ts";
import { token } from "./commands/token.ts";
import { train } from "./commands/train.ts";
import { whoami } from "./commands/whoami.ts";

/** Every command by the word that is typed. */
export const COMMANDS: Readonly<Record<string, CommandDef>> = {
  // Learn and judge.
  train, eval: evaluate, predict,
  // Look inside.
  inspect, fingerprint, base,
  // Share.
  publish, pull, search, merge,
  // A registry.
  serve, login, logout, whoami, token,
};
