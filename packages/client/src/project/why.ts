import { GraftError } from "@graft/error";
import type { LockedAdapter } from "./lock-file.ts";
import { readLock, readProject } from "./project-files.ts";
import { scopeOf } from "./lock-file.ts";

/** Why an app has an adapter. */
export interface Reason {
  readonly name: string;
  /** What graft.json asks for; undefined where only the lock knows it. */
  readonly asked: string | undefined;
  /** What the lock pins; undefined before the first install. */
  readonly pinned: LockedAdapter | undefined;
  readonly registry: string | undefined;
  /** Other adapters of the app on the same base. */
  readonly beside: readonly string[];
}

/** Says why an app has an adapter, given by its name, by `name@version` or by its digest. USAGE when it has not. */
export async function explainAdapter(folder: string, wanted: string): Promise<Reason> {
  const [project, lock] = [await readProject(folder), await readLock(folder)];
  const entries = Object.entries(lock.adapters);
  const name =
    entries.find(([own, { version, digest }]) => [own, `${own}@${version}`, digest].includes(wanted))?.[0] ??
    (Object.hasOwn(project.adapters, wanted) ? wanted : undefined);
  if (name === undefined) {
    throw new GraftError("USAGE", `Cannot explain "${wanted}": the app does not use it`, { hint: "See graft ls" });
  }
  const pinned = lock.adapters[name];
  return {
    name,
    asked: project.adapters[name],
    pinned,
    registry: lock.registries[scopeOf(name)],
    beside: pinned === undefined ? [] : entries.flatMap(([other, { base }]) => (other !== name && base === pinned.base ? [other] : [])),
  };
}
