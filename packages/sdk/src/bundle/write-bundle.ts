import { constants } from "node:fs";
import { copyFile, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { identifyBase, openBase } from "@graft/architectures/node";
import { type InstalledAdapter, Project, type ProjectCallOptions, type ProjectOptions } from "@graft/client/node";
import { hashFile } from "@graft/digest/node";
import { GraftError } from "@graft/error";
import { writeFolderWhole } from "@graft/files";
import { load } from "@graft/loader/node";
import { baseFiles } from "./base-files.ts";
import { BUNDLE_FILE, type BundleFile } from "./bundle-file.ts";

/** What goes into a bundle, and where it is written. */
export interface BundleOptions extends ProjectCallOptions, ProjectOptions {
  /** Folder of the app: its lock says which adapters. */
  readonly project: string;
  /** Checkpoint folder or ONNX file. */
  readonly base: string;
  readonly output: string;
  /** `attach`, the default, ships the base and the adapters; `merge` a graph for each adapter too, which share the base's weight file. */
  readonly mode?: "attach" | "merge";
  readonly overwrite?: boolean;
}

/** What a bundle came to. */
export interface WrittenBundle {
  readonly path: string;
  readonly bundle: BundleFile;
  /** Bytes of all files. */
  readonly size: number;
}

/**
 * Writes an app's adapters and their base as one folder that is there whole or not at all. Every adapter is loaded on the copy first, its
 * golden cases included. LOCK_OUTDATED, BASE_MISMATCH, GOLDEN_MISMATCH, NOT_WRITABLE.
 */
export async function writeBundle(options: BundleOptions): Promise<WrittenBundle> {
  const { base: path, output, mode = "attach", overwrite = false } = options;
  const project = await Project.open(options.project, options);
  const { adapters } = await project.install({ ...options, frozen: true });
  if (adapters.length === 0) {
    throw new GraftError("USAGE", `Cannot write a bundle: the app in "${options.project}" has no adapters`, {
      hint: "Add one first: graft add @scope/name",
    });
  }
  let written: { bundle: BundleFile; size: number } | undefined;
  await writeFolderWhole(
    output,
    async (temporary) => {
      const base = await copyBase(path, temporary);
      options.signal?.throwIfAborted();
      const bundled = await addAdapters(adapters, { folder: temporary, base: base.path, mode });
      const bundle: BundleFile = { bundleVersion: 1, base: { ...base, files: await describe(temporary, "base") }, adapters: bundled };
      await writeFile(join(temporary, BUNDLE_FILE), `${JSON.stringify(bundle, null, 2)}\n`);
      const parts = [...bundle.base.files, ...Object.values(bundled)];
      written = { bundle, size: parts.reduce((sum, { size }) => sum + size, 0) };
    },
    { overwrite },
  );
  return { path: output, ...(written as { bundle: BundleFile; size: number }) };
}

async function copyBase(path: string, folder: string): Promise<Omit<BundleFile["base"], "files">> {
  const base = await openBase(path);
  const { files, entry } = await baseFiles(path, base);
  for (const [name, source] of files) {
    const target = join(folder, "base", name);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
  const { reference } = await identifyBase(base);
  return { name: base.name, fingerprint: reference.fingerprint as `sha256:${string}`, path: entry === "" ? "base" : `base/${entry}` };
}

async function addAdapters(
  adapters: readonly InstalledAdapter[],
  { folder, base, mode }: { folder: string; base: string; mode: "attach" | "merge" },
): Promise<BundleFile["adapters"]> {
  const bundled: BundleFile["adapters"] = {};
  for (const { name, version, digest, size, path } of adapters) {
    const place = `adapters/${name}.safetensors`;
    await mkdir(dirname(join(folder, place)), { recursive: true });
    await copyFile(path, join(folder, place), constants.COPYFILE_FICLONE);
    bundled[name] = { version, path: place, size, digest };
  }
  await using model = await load(join(folder, base), { adapters: adapters.map(({ path }) => path), mode });
  if (mode === "attach") return bundled;
  // In the base's own folder, whose weight file the graphs name.
  const beside = (await stat(join(folder, base))).isDirectory() ? base : dirname(base);
  for (const { name, digest } of adapters) {
    const merged = `${beside}/${name.slice(1).replace("/", "--")}.onnx`;
    await model.write(join(folder, merged), { adapter: digest });
    bundled[name] = { ...(bundled[name] as BundleFile["adapters"][string]), merged };
  }
  return bundled;
}

/** Every file below a part of the bundle, with its digest. */
async function describe(folder: string, part: string): Promise<BundleFile["base"]["files"]> {
  const entries = await readdir(join(folder, part), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.toSorted().map(async (path) => ({ path: relative(folder, path).split(sep).join("/"), ...(await hashFile(path)) })),
  );
}
