import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, checkManifest, expectedTensors, jsonSchemas, type Manifest, parseManifest, peftConfig } from "@graft/format";
import {
  ADAPTER_LIMITS,
  bytesSource,
  byteLength,
  checkHeader,
  isDtype,
  LIMITS as SAFETENSORS_LIMITS,
  readHeader,
} from "@graft/safetensors";
import { expect, test } from "vitest";
import { z } from "zod";

const schemas = join(import.meta.dirname, "../../../schemas");
const document = await readFile(join(schemas, "format.md"), "utf8");
const examples = Array.from(document.matchAll(/^```json( \S+)?\n(.*?)^```$/gms), ([, kind = "", json = ""]) => ({
  kind: kind.trim(),
  json,
}));

/** The published JSON Schema, as somebody without our code reads it. */
const published = z.fromJSONSchema(
  JSON.parse(await readFile(join(schemas, "manifest.schema.json"), "utf8")) as Parameters<typeof z.fromJSONSchema>[0],
);

/** A file with the header of an example, padded, and as many zero bytes as it claims. */
function headerFile(json: string): Uint8Array {
  const header = JSON.stringify(JSON.parse(json));
  const padded = header + " ".repeat((8 - (Buffer.byteLength(header) % 8)) % 8);
  const data = Object.values(JSON.parse(json) as Record<string, { data_offsets?: [number, number] }>).reduce(
    (end, entry) => Math.max(end, entry.data_offsets?.[1] ?? 0),
    0,
  );
  return Buffer.concat([new Uint8Array(BigUint64Array.of(BigInt(padded.length)).buffer), Buffer.from(padded), new Uint8Array(data)]);
}

/** How an example of each kind is validated; an example without a kind has no row and fails. */
const VALIDATE: Readonly<Record<string, (json: string) => unknown>> = {
  manifest: (json) => {
    const manifest = checkManifest(JSON.parse(json));
    expect(published.safeParse(JSON.parse(json)).error).toBeUndefined();
    expect(parseManifest(canonicalJson(manifest))).toEqual(JSON.parse(json));
  },
  header: async (json) => {
    const header = await readHeader(bytesSource(headerFile(json)));
    expect(checkHeader(header)).toEqual([]);
    for (const { dtype, shape, begin, end } of header.tensors.values())
      expect([isDtype(dtype), byteLength(dtype, shape)]).toEqual([true, end - begin]);
  },
  adapter_config: (json) => {
    const manifest = JSON.parse(examples.find(({ kind }) => kind === "manifest")?.json ?? "") as Manifest;
    expect(peftConfig(manifest)).toEqual(JSON.parse(json));
  },
};

test.each(examples)("the $kind example of format.md is valid", async ({ kind, json }) => {
  expect(Object.keys(VALIDATE)).toContain(kind);
  await VALIDATE[kind]?.(json);
});

test("format.md has examples, and one sentence per line", () => {
  expect(examples.map(({ kind }) => kind)).toEqual(["header", "manifest", "manifest", "adapter_config"]);
  const prose = document
    .replaceAll(/^```.*?^```$/gms, "")
    .split("\n")
    .filter((line) => !line.startsWith("|") && !line.startsWith("#") && !line.startsWith("**"));
  expect(prose.filter((line) => /[.!?] [A-Z]/.test(line.replace(/^\s*(\d+\.|- \*\*.*?\*\*:?) /, "")))).toEqual([]);
});

test("the bounds in format.md are those of the code", () => {
  expect(document).toContain(`1 to ${ADAPTER_LIMITS.nameLength} characters`);
  expect(document).toContain(`more than ${ADAPTER_LIMITS.rank} dimensions`);
  expect(document).toContain(
    `more than ${ADAPTER_LIMITS.headerBytes / 2 ** 20} MiB, the file more than ${ADAPTER_LIMITS.tensors.toLocaleString("en")} tensors, or \`__metadata__\` more than ${ADAPTER_LIMITS.metadataEntries} entries`,
  );
  expect(SAFETENSORS_LIMITS.headerBytes).toBeGreaterThan(ADAPTER_LIMITS.headerBytes);
});

test.each(Object.keys(jsonSchemas()))("%s is what the code generates (else run packages/format/scripts/write-schemas.ts)", async (name) => {
  expect(await readFile(join(schemas, name), "utf8")).toBe(`${JSON.stringify(jsonSchemas()[name], null, 2)}\n`);
});

test("the published schema refuses what the code refuses", () => {
  const manifest = JSON.parse(examples[1]?.json ?? "") as Manifest;
  for (const changes of [
    { formatVersion: 2 },
    { extra: 1 },
    { targets: [{ ...manifest.targets[0], rank: 0 }] },
    { name: "a/b" },
    { writer: undefined },
  ]) {
    const changed: unknown = JSON.parse(JSON.stringify({ ...manifest, ...changes }));
    expect(published.safeParse(changed).success).toBe(false);
    expect(() => checkManifest(changed)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
  }
});

test("the manifest of the example describes tensors of every kind", () => {
  const manifest = checkManifest(JSON.parse(examples[1]?.json ?? ""));
  expect(expectedTensors(manifest).size).toBe(6);
});
