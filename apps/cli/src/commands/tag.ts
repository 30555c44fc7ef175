import { GraftError } from "@graft/error";
import { checked, Name, parseSpecifier, Tag, Version } from "@graft/format";
import { command, commandGroup } from "../command.ts";
import type { Output } from "../output.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

const ADAPTER = { type: "positional", description: "@scope/name", required: true } as const;

const list = command({
  name: "tag ls",
  description: "List the tags of an adapter",
  examples: ["graft tag ls @acme/topics"],
  args: { ...REGISTRY_ARGS, adapter: ADAPTER },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args, args.adapter);
    print(output, await registry.tags(checked(Name, args.adapter, "name")));
  },
});

const add = command({
  name: "tag add",
  description: "Let a tag name a version from now on; it moves there when it named another",
  examples: ["graft tag add @acme/topics@1.2.0 stable"],
  args: {
    ...REGISTRY_ARGS,
    version: { type: "positional", description: "@scope/name@version", required: true },
    tag: { type: "positional", description: "Tag, such as stable", required: true },
  },
  run: async ({ args, output }) => {
    const { name, version } = versionArgument(args.version);
    const { registry } = await openClient(args, name);
    print(output, await registry.setTag(name, checked(Tag, args.tag, "tag"), version));
  },
});

const remove = command({
  name: "tag rm",
  description: "Remove a tag; the version that it named stays",
  examples: ["graft tag rm @acme/topics stable"],
  args: { ...REGISTRY_ARGS, adapter: ADAPTER, tag: { type: "positional", description: "Tag to remove", required: true } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args, args.adapter);
    print(output, await registry.removeTag(checked(Name, args.adapter, "name"), checked(Tag, args.tag, "tag")));
  },
});

/** `graft tag`: words that name versions, such as `latest`. */
export const tag = commandGroup({ name: "tag", description: "List, move and remove tags", commands: { ls: list, add, rm: remove } });

/** Reads `@scope/name@1.2.0`; USAGE when it names no single version. */
export function versionArgument(text: string): { name: string; version: string } {
  const { name, range } = parseSpecifier(text);
  if (range !== undefined && Version.safeParse(range).success) return { name, version: range };
  throw new GraftError("USAGE", `Cannot use "${text}": want one version, as in ${name}@1.2.0`);
}

function print(output: Output, tags: Readonly<Record<string, string>>): void {
  output.table(Object.entries(tags), { head: ["tag", "version"] });
  output.result(tags);
}
