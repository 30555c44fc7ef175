import { bytesSource, checkHeader, encodeSafetensors, LIMITS, readHeader } from "@graft/safetensors";
import { expect, test } from "vitest";
import { buildFile } from "./file-builder.ts";
import vectors from "./vectors.json" with { type: "json" };

async function rules(file: Uint8Array): Promise<string[]> {
  return checkHeader(await readHeader(bytesSource(file))).map(({ rule }) => rule);
}

const plain = '"dtype":"U8","shape":[2],"data_offsets":[0,2]';
/** A header padded as the reference pads it. */
const padded = (json: string): string => json + " ".repeat((8 - (Buffer.byteLength(json) % 8)) % 8);

test("a file of the writer has no finding", async () => {
  const file = encodeSafetensors(
    new Map([["base_model.model.a/b-c_d.weight", { dtype: "F16", shape: [2, 3], data: new Uint8Array(12) }]]),
    new Map([["format", "pt"]]),
  );
  expect(await rules(file)).toEqual([]);
});

test.each<[string, string, string, number?]>([
  ["a name that comes twice", `{"a":{${plain}},"\\u0061":{${plain}}}`, "duplicate-name"],
  ["a metadata key that comes twice", `{"__metadata__":{"a":"1","a":"2"},"a":{${plain}}}`, "duplicate-metadata-key"],
  ["a field that nobody knows", `{"a":{${plain},"x":1}}`, "unknown-field"],
  ["an entry as an array", `{"a":["U8",[2],[0,2]]}`, "unusual-entry"],
  ["a dtype as an object", `{"a":{"dtype":{"U8":null},"shape":[2],"data_offsets":[0,2]}}`, "unusual-entry"],
  ["null as metadata", `{"__metadata__":null,"a":{${plain}}}`, "unusual-entry"],
  ["white space before the JSON", ` {"a":{${plain}}}`, "leading-space"],
  ["a tab after the JSON", `{"a":{${plain}}}\t`, "padding"],
  ["eight more spaces after the JSON", `${padded(`{"a":{${plain}}}`)}        `, "padding"],
  ["nine dimensions", `{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,2]}}`, "rank"],
  ["a dimension above 2^31", `{"b":{"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[0,0]},"a":{${plain}}}`, "dimension"],
  [
    "a tensor at an odd offset",
    `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}`,
    "tensor-alignment",
    5,
  ],
  ["a control character in metadata", `{"__metadata__":{"a":"\\u0000"},"a":{${plain}}}`, "metadata-control-character"],
  ["a metadata key that is no name", `{"__metadata__":{"a b":"1"},"a":{${plain}}}`, "metadata-key"],
  ...["", "__proto__", "constructor", "..", "../../etc/passwd", "/etc/passwd", "a//b", "a b", "a\\u0000b", "é", "<b>", "x".repeat(257)].map(
    (name): [string, string, string] => [`the name "${name.slice(0, 20)}"`, `{"${name}":{${plain}}}`, "tensor-name"],
  ),
])("%s is a finding and nothing else is", async (_, header, rule, dataBytes = 2) => {
  expect(await rules(buildFile(padded(header), dataBytes))).toEqual([rule]);
});

test("a header whose length is no multiple of eight is a finding", async () => {
  expect(await rules(buildFile(`{"a":{${plain}}} `.slice(0, -1), 2))).toEqual(["header-alignment"]);
});

test("findings are bounded however many reasons a file gives", async () => {
  const entries = Array.from({ length: 5_000 }, (_, index) => `" ${index}":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":0}`);
  expect((await rules(buildFile(padded(`{${entries.join(",")}}`)))).length).toBe(LIMITS.findings);
});

test("a header above the caller's own bound is LIMIT_EXCEEDED, one above the format's is broken", async () => {
  const file = buildFile(padded(`{"a":{${plain}}}`), 2);
  await expect(readHeader(bytesSource(file), { headerBytes: 8 })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  await expect(readHeader(bytesSource(buildFile("{}").fill(0xff, 0, 8)))).rejects.toMatchObject({
    code: "SAFETENSORS_INVALID",
    detail: { reason: "HeaderTooLarge" },
  });
});

test("messages quote hostile names without raw control characters", async () => {
  const header = await readHeader(bytesSource(buildFile(padded(`{"\\u001b[31m\u202e":{${plain}}}`), 2)));
  // oxlint-disable-next-line no-control-regex
  expect(checkHeader(header)[0]?.message).not.toMatch(/[\u001b\u202e]/);
});

test("every file of the vectors that the reference takes and the notes warn of has a finding", async () => {
  const warned = [
    "lead_space",
    "lead_tab_nl",
    "misaligned_f32_after_u8",
    "rank_1000_ones",
    "dup_tensor_diff",
    "dup_meta_key",
    "name_proto",
    "name_constructor",
    "name_traversal",
    "name_unicode",
  ];
  for (const { name, b64 } of vectors.filter((vector) => warned.includes(vector.name))) {
    expect([name, await rules(Buffer.from(b64, "base64"))]).toEqual([name, expect.arrayContaining([expect.any(String)])]);
  }
});
