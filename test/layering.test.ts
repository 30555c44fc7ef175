import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** The rows of the architecture, lowest first. A package imports from lower rows only, never from its own. */
const ROWS = [
  ["error"],
  ["digest", "terminal"],
  ["files", "safetensors"],
  ["onnx", "format"],
  ["architectures", "autodiff", "methods", "runtime", "protocol", "storage", "trust"],
  ["client", "loader", "registry", "train"],
  ["sdk", "tiny-english"],
  ["vite", "node-hooks"],
  ["cli", "server", "web", "bench", "demo", "quickstart", "example"],
];

/** Between apps, one process on one port: the command line starts the server. */
const BETWEEN_APPS = new Set(["cli→server", "server→web", "demo→server", "quickstart→server", "bench→server"]);

/** tiny-english is data: only its scripts and tests use other packages. */
const workspace = ["packages", "apps"].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => ({ name, folder: join(root, folder, name) })),
);

function row(name: string): number {
  return ROWS.findIndex((names) => names.includes(name));
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file));
}

function imports(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/(?:from|import|import\()\s*["']([^"']+)["']/g)].map((match) => match[1] as string);
}

test("every package has a row", () => {
  expect(workspace.map(({ name }) => name).filter((name) => row(name) === -1)).toEqual([]);
});

test("a package imports from lower rows only", () => {
  const wrong = workspace.flatMap(({ name, folder }) =>
    sources(join(folder, "src")).flatMap((file) =>
      imports(file).flatMap((specifier) => {
        const other = /^@graft\/([^/]+)/.exec(specifier)?.[1];
        if (other === undefined || other === name || row(other) < row(name) || BETWEEN_APPS.has(`${name}→${other}`)) return [];
        return [`${file.slice(root.length + 1)} imports @graft/${other}`];
      }),
    ),
  );
  expect(wrong).toEqual([]);
});

test("a universal entry never reaches a module of Node", () => {
  const universal = [
    "error",
    "safetensors",
    "onnx",
    "format",
    "autodiff",
    "methods",
    "protocol",
    "trust",
    "train",
    "architectures",
    "runtime",
    "client",
    "loader",
  ];
  const wrong = universal.flatMap((name) => {
    const start = join(root, "packages", name, "src", "index.ts");
    const seen = new Set<string>();
    const reach = (file: string): string[] => {
      if (seen.has(file)) return [];
      seen.add(file);
      return imports(file).flatMap((specifier) => {
        if (specifier.startsWith("node:") || specifier.startsWith("onnxruntime-"))
          return [`${file.slice(root.length + 1)} imports ${specifier}`];
        return specifier.startsWith(".") ? reach(join(file, "..", specifier)) : [];
      });
    };
    return reach(start);
  });
  expect(wrong).toEqual([]);
});

test("native code and drivers are imported in one file each", () => {
  const once = ["onnxruntime-node", "onnxruntime-web/webgpu", "better-sqlite3", "pg", "@aws-sdk/client-s3"];
  for (const specifier of once) {
    const users = workspace
      .flatMap(({ folder }) => sources(join(folder, "src")))
      .filter(
        (file) =>
          new RegExp(`^import (?!type).*from "${specifier}"`, "m").test(readFileSync(file, "utf8")) ||
          readFileSync(file, "utf8").includes(`import("${specifier}")`),
      );
    expect(users.length, `${specifier} in ${users.join(", ")}`).toBeLessThanOrEqual(1);
  }
});
