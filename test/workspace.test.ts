import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const KINDS = ["dependencies", "peerDependencies", "devDependencies"] as const;

interface Manifest extends Partial<Record<(typeof KINDS)[number], Readonly<Record<string, string>>>> {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

const folders = ["packages", "apps"].flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)));
const packages = folders.map((folder) => ({ folder, manifest: json<Manifest>(join(folder, "package.json")) }));

function json<Value>(file: string): Value {
  return JSON.parse(readFileSync(file, "utf8")) as Value;
}

/** What runs a package from source that needs a build elsewhere lies in this folder, which is not published. */
const FROM_SOURCE = "from-source";

function imports(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.tsx?$/.test(file) && !file.startsWith(FROM_SOURCE),
  );
  const text = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  const specifiers = [...text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  const names = specifiers.filter((specifier) => !/^(\.|#|node:)/.test(specifier));
  return names.map((specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
}

test("every version stands in the one catalog", () => {
  const manifests = [...packages.map(({ manifest }) => manifest), json<Manifest>(join(root, "package.json"))];
  const wrong = manifests.flatMap((manifest) =>
    KINDS.flatMap((kind) => Object.entries(manifest[kind] ?? {}))
      .filter(([name, version]) => version !== (name.startsWith("@graft/") ? "workspace:*" : "catalog:"))
      .map(([name, version]) => `${manifest.name}: ${name} ${version}`),
  );
  expect(wrong).toEqual([]);
});

test("what a package's sources import, its users get", () => {
  const wrong = packages.flatMap(({ folder, manifest }) => {
    const given = new Set([...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.peerDependencies ?? {}), manifest.name]);
    return [...new Set(imports(join(folder, "src")))].filter((name) => !given.has(name)).map((name) => `${manifest.name} imports ${name}`);
  });
  expect(wrong).toEqual([]);
});

test("every entry resolves to its source in the workspace and to what is built elsewhere", () => {
  for (const { folder, manifest } of packages) {
    for (const [path, entry] of Object.entries(manifest.exports ?? {})) {
      if (typeof entry === "string") continue;
      const name = path === "." ? "index" : path.slice(2);
      const source = existsSync(join(folder, "src", FROM_SOURCE)) ? `./src/${FROM_SOURCE}/${name}.ts` : `./src/${name}.ts`;
      const expected = { "@graft/source": source, types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` };
      expect([manifest.name, entry]).toEqual([manifest.name, expected]);
    }
  }
});

test("the compiler's references are the packages that the sources import", () => {
  for (const { folder, manifest } of packages) {
    const { references = [] } = json<{ references?: { path: string }[] }>(join(folder, "tsconfig.json"));
    const named = references.map(({ path }) => `@graft/${path.split("/").at(-1) ?? ""}`);
    const imported = new Set(imports(join(folder, "src")).filter((name) => name.startsWith("@graft/") && name !== manifest.name));
    expect([manifest.name, named.toSorted()]).toEqual([manifest.name, [...imported].toSorted()]);
  }
});
