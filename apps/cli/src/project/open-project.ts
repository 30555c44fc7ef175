import { findProjectFolder, Project } from "@graft/client/node";
import type { VersionRecord } from "@graft/protocol";
import { REGISTRY_ARGS } from "../registry-options.ts";
import type { Output } from "../output.ts";
import { transferProgress } from "../transfer-progress.ts";

/** Options of every command that works on an app. */
export const PROJECT_ARGS = REGISTRY_ARGS;

/** The app at or above the folder that the command runs in: the nearest graft.json, else the folder itself. */
export async function openProject(args: { registry?: string | undefined; token?: string | undefined }): Promise<Project> {
  const folder = (await findProjectFolder(process.cwd())) ?? process.cwd();
  return Project.open(folder, { registry: args.registry, token: args.token });
}

/** Draws the downloads of a change, one bar at a time. */
export function downloads(output: Output): (name: string, done: number, total: number) => void {
  const bars = new Map<string, (done: number, total: number) => void>();
  return (name, done, total) => {
    const bar = bars.get(name) ?? transferProgress(output, `Fetching ${name}`);
    bars.set(name, bar);
    bar(done, total);
  };
}

/** Warns of each version once that nobody should use any more. */
export function deprecations(output: Output): (record: VersionRecord) => void {
  const told = new Set<string>();
  return ({ name, version, deprecated }) => {
    const which = `${name}@${version}`;
    if (!told.has(which)) output.note(`Warning: ${which} is deprecated: ${deprecated ?? ""}`);
    told.add(which);
  };
}
