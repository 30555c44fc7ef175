import { GraftError } from "@graft/error";
import { highestVersion, parseSpecifier } from "@graft/format";
import type { BundleFile } from "./bundle-file.ts";

/** The adapter of a bundle that a specifier means. NOT_FOUND when the bundle has none, or none of that range. */
export function findBundled(bundle: BundleFile, specifier: string): { name: string; adapter: BundleFile["adapters"][string] } {
  const { name, range } = parseSpecifier(specifier);
  const adapter = bundle.adapters[name];
  // A bundle has one version of each, which every tag means.
  if (adapter !== undefined && (range === undefined || highestVersion([adapter.version], range) !== undefined)) return { name, adapter };
  const names = Object.entries(bundle.adapters).map(([own, { version }]) => `${own}@${version}`);
  throw new GraftError("NOT_FOUND", `Cannot find "${specifier}" in the bundle: it has ${names.join(", ") || "no adapters"}`, {
    hint: "Make the bundle anew: graft bundle",
  });
}
