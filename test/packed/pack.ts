import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** What a package.json says that the tests need. */
interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A package as it would be published. */
export interface Packed {
  /** Path of the .tgz file. */
  readonly file: string;
  /** Its package.json, with versions in place of `workspace:` and `catalog:`. */
  readonly manifest: PackageManifest;
}

/** Names of the workspace's packages that are published. */
export function publishedNames(): string[] {
  return ["packages", "apps"]
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name, "package.json")))
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as PackageManifest)
    .flatMap((manifest) => (manifest.private === true ? [] : [manifest.name]));
}

/** Builds the workspace and packs every published package into the folder. */
export function packAll(folder: string): Packed[] {
  execFileSync("tsc", ["-b"], { cwd: root, stdio: "pipe" });
  const bundle = ["--conditions=@graft/source", join(root, "apps/web/scripts/bundle.ts")];
  execFileSync(process.execPath, bundle, { cwd: root, stdio: "pipe" });
  const names = publishedNames();
  const filters = names.flatMap((name) => ["--filter", name]);
  execFileSync("pnpm", ["--recursive", ...filters, "pack", "--pack-destination", folder], { cwd: root, stdio: "pipe" });
  const files = readdirSync(folder).map((name) => join(folder, name));
  return files.map((file) => ({ file, manifest: JSON.parse(member(file, "package.json")) as PackageManifest }));
}

/** Text of one file of a package. */
function member(file: string, path: string): string {
  return execFileSync("tar", ["-xzOf", file, `package/${path}`], { encoding: "utf8" });
}

/** Bytes of the .tgz file. */
export function readPacked({ file }: Packed): Buffer {
  return readFileSync(file);
}
