import type { Manifest } from "@graft/format";
import type { StoredVersion } from "@graft/storage";
import { versionFiles, type VersionFile } from "../version-files.ts";

/** What a version has as an npm package: its package.json, a module that says where the adapter lies, typings, and its own files. */
export function packageFiles(version: StoredVersion): VersionFile[] {
  const own = versionFiles(version).filter(({ path }) => SHIPPED.has(path));
  return [
    text("package.json", `${JSON.stringify(packageJson(version), null, 2)}\n`),
    text("index.js", module(version)),
    text("index.d.ts", typings(version)),
    ...own,
  ];
}

/** PEFT's copies of the weights under other names would double the package. */
const SHIPPED: ReadonlySet<string> = new Set(["adapter.safetensors", "README.md", "evaluation.json"]);

/**
 * `package.json`, as the registry lists it and the package carries it. What is generated here and below is part of the bytes that lock
 * files of apps hold the hash of: it never changes for a version that was published.
 */
export function packageJson(version: StoredVersion): Record<string, unknown> {
  const { description, license, keywords, base } = version.manifest as Manifest;
  return {
    name: version.name,
    version: version.version,
    ...(description === undefined ? {} : { description }),
    ...(license === undefined ? {} : { license }),
    ...(keywords === undefined ? {} : { keywords }),
    type: "module",
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./adapter.safetensors": "./adapter.safetensors",
      "./package.json": "./package.json",
    },
    graft: { digest: version.digest, base: { name: base.name, fingerprint: base.fingerprint } },
  };
}

function module(version: StoredVersion): string {
  const facts = factsOf(version);
  const lines = Object.entries(facts).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`);
  return [`export const adapter = new URL("./adapter.safetensors", import.meta.url);`, ...lines, ""].join("\n");
}

function typings(version: StoredVersion): string {
  const facts = factsOf(version);
  return [
    "/** Where the adapter's file lies. */",
    "export declare const adapter: URL;",
    ...Object.entries(facts).map(([name, value]) => `export declare const ${name}: ${typeOf(value)};`),
    "",
  ].join("\n");
}

/** What an app may want to know before it opens the file. */
function factsOf(version: StoredVersion): Readonly<Record<string, string | readonly string[]>> {
  const { base, task, method } = version.manifest as Manifest;
  return {
    name: version.name,
    version: version.version,
    digest: version.digest,
    base: base.fingerprint,
    task: task.type,
    method: method.name,
    labels: task.labels,
  };
}

/** The literal type: labels are told apart when an app is compiled. */
function typeOf(value: string | readonly string[]): string {
  return typeof value === "string" ? JSON.stringify(value) : `readonly [${value.map((label) => JSON.stringify(label)).join(", ")}]`;
}

function text(path: string, written: string): VersionFile {
  const content = new TextEncoder().encode(written);
  return { path, content, size: content.length };
}
