import { readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { OperatorTime } from "./session.ts";

/** One entry of the file that ONNX Runtime writes; durations are in microseconds. */
interface ProfileEvent {
  readonly cat: string;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

let sessions = 0;

/** Where the runtime writes the profile of one session: it adds the time to the name. */
export function profilePrefix(): string {
  sessions += 1;
  return join(tmpdir(), `graft-profile-${process.pid}-${performance.now().toFixed(0)}-${sessions}`);
}

/** Reads what a session wrote, longest first, and removes the file. */
export function takeOperatorTimes(prefix: string): OperatorTime[] {
  const times = new Map<string, { operator: string; provider: string; count: number; milliseconds: number }>();
  for (const name of readdirSync(dirname(prefix)).filter((entry) => entry.startsWith(`${basename(prefix)}_`))) {
    const file = join(dirname(prefix), name);
    for (const { cat, dur = 0, args } of JSON.parse(readFileSync(file, "utf8")) as ProfileEvent[]) {
      if (cat !== "Node" || args?.op_name === undefined || args.provider === undefined) continue;
      const provider = args.provider.replace(/ExecutionProvider$/, "");
      const time = times.get(`${args.op_name} ${provider}`) ?? { operator: args.op_name, provider, count: 0, milliseconds: 0 };
      time.count += 1;
      time.milliseconds += dur / 1000;
      times.set(`${args.op_name} ${provider}`, time);
    }
    rmSync(file, { force: true });
  }
  return [...times.values()].toSorted((one, other) => other.milliseconds - one.milliseconds);
}
