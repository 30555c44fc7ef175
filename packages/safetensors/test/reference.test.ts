import { isGraftError } from "@graft/error";
import { bytesSource, checkHeader, readHeader } from "@graft/safetensors";
import { expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { buildFile, seededRandom } from "./file-builder.ts";
import vectors from "./vectors.json" with { type: "json" };

const PROGRAM = `
import json, sys
from safetensors import deserialize, SafetensorError
for line in sys.stdin:
    try:
        tensors = deserialize(bytes.fromhex(line))
        print(json.dumps(sorted([name, [str(size) for size in info["shape"]]] for name, info in tensors)))
    except SafetensorError:
        print("refused")
`;

/** What we say: names and shapes in the reference's notation, or that the file is refused; any other error escapes. */
async function verdict(bytes: Uint8Array): Promise<string> {
  try {
    const header = await readHeader(bytesSource(bytes));
    checkHeader(header);
    return JSON.stringify(Array.from(header.tensors.values(), ({ name, shape }) => [name, shape.map(Number)]).toSorted());
  } catch (error) {
    if (isGraftError(error) && error.code === "SAFETENSORS_INVALID") return "refused";
    throw error;
  }
}

function theirVerdicts(files: readonly Uint8Array[]): string[] {
  const lines = runReferee(PROGRAM, files.map((file) => `${Buffer.from(file).toString("hex")}\n`).join(""))
    .toString()
    .trimEnd()
    .split("\n");
  return lines.map((line) =>
    line === "refused"
      ? line
      : JSON.stringify((JSON.parse(line) as [string, string[]][]).map(([name, shape]) => [name, shape.map(Number)]).toSorted()),
  );
}

async function disagreements(files: readonly Uint8Array[]): Promise<string[]> {
  const theirs = theirVerdicts(files);
  const ours = await Promise.all(files.map(verdict));
  return ours.flatMap((our, index) =>
    our === theirs[index] ? [] : [`${Buffer.from(files[index] ?? []).toString("latin1", 0, 300)}: ours ${our}, theirs ${theirs[index]}`],
  );
}

const entry = (fields: string): string => `{"a":{${fields}}}`;
const plain = '"dtype":"U8","shape":[2],"data_offsets":[0,2]';
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

const SPECIAL: readonly (string | Uint8Array)[] = [
  // Forms of the JSON that serde takes and JSON.parse judges otherwise.
  '{"a":["U8",[2],[0,2]]}',
  '{"a":["U8",[2],[0,2],1]}',
  '{"a":["U8",[2]]}',
  '{"a":[]}',
  ...["null", "{}", "[]", "0", '"x"', "[null]"].map((value) => entry(`"dtype":{"U8":${value}},"shape":[2],"data_offsets":[0,2]`)),
  entry('"dtype":{"U8":null,"F32":null},"shape":[2],"data_offsets":[0,2]'),
  entry('"dtype":{},"shape":[2],"data_offsets":[0,2]'),
  entry('"dtype":["U8"],"shape":[2],"data_offsets":[0,2]'),
  entry('"\\u0064type":"\\u00558","shape":[2],"data_offsets":[0,2]'),
  entry('"dtype":"U8","shape":{"0":2},"data_offsets":[0,2]'),
  entry('"dtype":"U8","shape":[2],"data_offsets":{"0":0,"1":2}'),
  entry('"dtype":"U8","shape":[2],"data_offsets":[0,2],"data_offsets":[0,2]'),
  entry('"dtype":"U8","shape":"\\u0002","data_offsets":[0,2]'),
  // Metadata.
  ...["null", "{}", '{"x":"y"}', '{"x":"y","x":"z"}', '{"x":1}', '{"x":true}', "true", "1"].map(
    (value) => `{"__metadata__":${value},${entry(plain).slice(1)}`,
  ),
  `{"__metadata__":null,"__metadata__":{},${entry(plain).slice(1)}`,
  `{"__metadata__":{},"__metadata__":{},${entry(plain).slice(1)}`,
  `{"\\u005f_metadata__":{"x":"y"},${entry(plain).slice(1)}`,
  // Numbers.
  ...[
    "2",
    "2.0",
    "2e0",
    "02",
    "+2",
    "-2",
    "-0",
    "0",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0x2",
    "NaN",
    "Infinity",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999",
  ].map((value) => entry(`"dtype":"U8","shape":[${value}],"data_offsets":[0,2]`)),
  ...[
    "1e308",
    "1e309",
    "-1e309",
    "0e999",
    "0.0e99999999999",
    "1e-999",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "123456789012345678901234567890",
    "01",
    "-",
    "-01",
    "1.e5",
    "1e5.5",
    "--1",
  ].map((value) => entry(`${plain},"x":${value}`)),
  ...[
    "0,18446744073709551615,2",
    "18446744073709551615,0",
    "18446744073709551615,2,0",
    "4294967296,4294967296,0",
    "0,4294967296,4294967296",
  ].map((shape) => entry(`"dtype":"U8","shape":[${shape}],"data_offsets":[0,0]`)),
  entry('"dtype":"U64","shape":[2305843009213693952,0],"data_offsets":[0,0]'),
  entry('"dtype":"F64","shape":[0,2305843009213693952],"data_offsets":[0,0]'),
  // Words, strings, escapes.
  ...[
    "true",
    "false",
    "null",
    "tru",
    "nul",
    "True",
    "nullx",
    '"\\ud800"',
    '"\\udc00"',
    '"\\ud83d\\ude00"',
    '"\\ud83dx"',
    '"\\ud83d\\u0041"',
    '"\\u12"',
    '"\\u 123"',
    '"\\u+123"',
    '"\\/\\b\\f\\n\\r\\t"',
    '"\\x"',
    '"\\',
    "'x'",
    '"\t"',
    '"\u007f\u2028"',
  ].map((value) => entry(`${plain},"x":${value}`)),
  // Depth, commas, white space.
  ...[124, 125, 126, 127, 128, 129].map((depth) => entry(`${plain},"x":${nested(depth)}`)),
  entry(`${plain},"x":{"y":${nested(124)}}`),
  entry(`${plain},"x":{"y":${nested(125)}}`),
  ...[
    `${plain},`,
    `,${plain}`,
    `${plain},,"x":1`,
    `${plain} "x":1`,
    `${plain},"x" 1`,
    `${plain},x:1`,
    `${plain},"x":[1,]`,
    `${plain},"x":[,1]`,
    `${plain},"x":{"y"}`,
    `${plain},"x":`,
  ].map(entry),
  ` \t\r\n${entry(plain)} \t\r\n`,
  `\u00a0${entry(plain)}`,
  `${entry(plain)}\u0000`,
  `\u000b${entry(plain)}`,
  "",
  " ",
  "{",
  "[]",
  '"a"',
  `${entry(plain)}${entry(plain)}`,
  // Names.
  ...["", "__proto__", "constructor", "\\u0000", "é", "\\ud83d\\ude00", "a\\/b", "x".repeat(10_000)].map(
    (name) => `{"${name}":{${plain}}}`,
  ),
  // Broken UTF-8.
  ...["ff", "c080", "eda080", "f4908080", "e282", "80"].map((bytes) =>
    Buffer.concat([Buffer.from('{"'), Buffer.from(bytes, "hex"), Buffer.from(`":{${plain}}}`)]),
  ),
];

test.skipIf(referee === undefined)("headers at the edge of the format get the reference's verdict", async () => {
  expect(await disagreements(SPECIAL.flatMap((header) => [buildFile(header, 2), buildFile(header, 0)]))).toEqual([]);
});

const PIECES = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "0",
  "1",
  "9",
  "-",
  ".",
  "e",
  "\\",
  "\\u0061",
  " ",
  "null",
  "true",
  '"a"',
  '"dtype"',
  '"U8"',
  '"F4"',
  '"shape"',
  '"data_offsets"',
  '"__metadata__"',
  "[0,0]",
  "\u0000",
  "\u00e9",
];

/** A valid header with a few pieces put in, taken out, doubled or moved; its length fixed or not. */
function mutate(seed: Uint8Array, random: () => number): Uint8Array {
  const pick = (count: number): number => Math.floor(random() * count);
  const headerBytes = Math.min(Number(new DataView(seed.buffer, seed.byteOffset).getBigUint64(0, true)), seed.length - 8);
  let header = Buffer.from(seed.subarray(8, 8 + headerBytes)).toString("latin1");
  for (let count = 1 + pick(3); count > 0; count -= 1) {
    const at = pick(header.length + 1);
    const end = Math.min(header.length, at + pick(8));
    const replacement =
      [PIECES[pick(PIECES.length)] ?? "", header.slice(at, end).repeat(2), "", String.fromCharCode(pick(256))][pick(4)] ?? "";
    header = header.slice(0, at) + replacement + header.slice(end);
  }
  const file = buildFile(Buffer.from(header, "latin1"), Math.max(0, seed.length - 8 - headerBytes + (pick(10) === 0 ? pick(5) - 2 : 0)));
  if (pick(20) === 0) file[pick(8)] = pick(256);
  return file;
}

test.skipIf(referee === undefined)("4,000 mutated files get the reference's verdict", async () => {
  const random = seededRandom(20_260);
  const seeds = vectors
    .map(({ b64 }) => Uint8Array.from(Buffer.from(b64, "base64")))
    .filter((bytes) => bytes.length > 8 && bytes.length < 600);
  const files = Array.from({ length: 4_000 }, (_, index) => mutate(seeds[index % seeds.length] ?? new Uint8Array(8), random));
  const found = await disagreements(files);
  expect(found).toEqual([]);
});
