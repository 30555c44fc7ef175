import { canonicalJson, checkManifest, expectedTensors, type Manifest, parseManifest, wholeKey } from "@graft/format";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { buildManifest } from "./adapter-builder.ts";

const target = buildManifest().targets[0] as Manifest["targets"][number];

test("a manifest with everything in it is accepted as it is, and its text is read back", () => {
  const manifest = buildManifest({
    name: "@quickstart/gloss-topics",
    version: "1.0.0",
    description: "Topics of glosses",
    license: "Apache-2.0",
    keywords: ["topics"],
    method: { name: "lora", dropout: 0.1, targets: ["query", "value"], rslora: false },
    training: {
      data: { digest: target.digest, rows: 3600 },
      evaluation: { digest: target.digest, rows: 600 },
      seed: 1,
      steps: 450,
      epochs: 2,
      hyperparameters: { learningRate: 1e-3, schedule: "linear", clip: null },
      metrics: { accuracy: 0.91, f1: 0.9 },
      hardware: { processor: "x86-64", threads: 2 },
    },
    golden: {
      tolerance: 1e-4,
      cases: [
        { inputs: { text: "a plant" }, outputs: [0.1, -1, 2.5] },
        { inputs: { ids: [2, 17, 3] }, outputs: [1e-9, 0, 1] },
      ],
    },
  });
  expect(checkManifest(manifest)).toEqual(manifest);
  expect(parseManifest(canonicalJson(manifest))).toEqual(manifest);
});

test("the manifest decides every tensor's key and shape", () => {
  expect(Object.fromEntries(expectedTensors(buildManifest()))).toEqual({
    "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight": [2, 6],
    "base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight": [4, 2],
    "base_model.model.classifier.weight": [3, 6],
    "base_model.model.classifier.bias": [3],
  });
});

test.each<[string, Partial<Manifest["targets"][number]>, Record<string, number[]>]>([
  ["lora", { kind: "embedding", rank: 2, alpha: 4, scale: 2 }, { lora_embedding_A: [2, 6], lora_embedding_B: [4, 2] }],
  ["lora", { kind: "convolution", kernel: [3], rank: 2, alpha: 4, scale: 2 }, { "lora_A.weight": [2, 2, 3], "lora_B.weight": [4, 2, 1] }],
  ["dora", { rank: 2, alpha: 4, scale: 2 }, { "lora_A.weight": [2, 6], "lora_B.weight": [4, 2], lora_magnitude_vector: [4] }],
  [
    "dora",
    { kind: "convolution", kernel: [1, 3], rank: 2, alpha: 4, scale: 2 },
    { "lora_A.weight": [2, 2, 1, 3], "lora_B.weight": [4, 2, 1, 1], lora_magnitude_vector: [1, 4, 1, 1] },
  ],
  ["ia3", { side: "input" }, { ia3_l: [1, 6] }],
  ["ia3", { side: "output" }, { ia3_l: [4, 1] }],
  ["ia3", { kind: "convolution", kernel: [3], side: "input" }, { ia3_l: [1, 2, 1] }],
])("a target by %s with %j has the tensors that PEFT stores", (name, fields, expected) => {
  const { module, digest, in: columns, out } = target;
  const manifest = checkManifest(
    buildManifest({
      method: { name },
      targets: [{ module, digest, in: columns, out, ...fields }],
      tensors: [],
      task: { ...task, head: undefined },
    }),
  );
  const stem = `base_model.model.${module}.`;
  expect(Object.fromEntries([...expectedTensors(manifest)].map(([key, shape]) => [key.slice(stem.length), shape]))).toEqual(expected);
});

const task = buildManifest().task;
const tensors = buildManifest().tensors;
test.each<[string, Partial<Record<keyof Manifest, unknown>>, string]>([
  ["a format version that nobody knows", { formatVersion: 2 }, "formatVersion"],
  ["a field that nobody knows", { formatversion: 1 } as object, "formatversion"],
  ["a name without a version", { name: "@a/b" }, "name"],
  ["a digest that is none", { base: { name: "x", fingerprint: "sha256:12", files: [] } }, "base.fingerprint"],
  [
    "a file name that climbs",
    { base: { ...buildManifest().base, files: [{ name: "../x", digest: target.digest, size: 1 }] } },
    "base.files.0.name",
  ],
  ["a rank of zero", { targets: [{ ...target, rank: 0 }] }, "targets.0.rank"],
  ["a rank that the shape cannot have", { targets: [{ ...target, rank: 5 }] }, "targets.0.rank"],
  ["a rank that is no integer", { targets: [{ ...target, rank: 1.5 }] }, "targets.0.rank"],
  ["a target without a rank, by a method that has one", { targets: [{ ...target, rank: undefined }] }, "targets.0.rank"],
  ["a field that the method does not have", { targets: [{ ...target, side: "input" }] }, "targets.0.side"],
  ["a convolution without a kernel", { targets: [{ ...target, kind: "convolution" }] }, "targets.0.kernel"],
  ["a kernel that does not divide the inputs", { targets: [{ ...target, kind: "convolution", kernel: [5] }] }, "targets.0.kernel"],
  ["targets of a method that nobody knows", { method: { name: "magic" } }, "method.name"],
  ["a scale that is not finite", { targets: [{ ...target, scale: Number.POSITIVE_INFINITY }] }, "targets.0.scale"],
  ["a scale that drowns the base", { targets: [{ ...target, scale: 1e6 }] }, "targets.0.scale"],
  ["a target that comes twice", { targets: [target, target] }, "targets.1.module"],
  ["a module with a path", { targets: [{ ...target, module: "../etc/passwd" }] }, "targets.0.module"],
  ["nothing trained", { targets: [], tensors: [], task: { ...task, head: undefined } }, "targets"],
  ["a whole tensor that comes twice", { tensors: [...tensors, ...tensors] }, "tensors.2.key"],
  ["a head of tensors that are not there", { tensors: tensors.slice(1) }, "task.head.layers.0.weight"],
  ["a head whose width is not the labels'", { task: { ...task, labels: ["one", "two"] } }, "task.labels"],
  ["a label that comes twice", { task: { ...task, labels: ["one", "two", "one"] } }, "task.labels"],
  ["a label with a hidden character", { task: { ...task, labels: ["a\u202eb", "b", "c"] } }, "task.labels.0"],
  [
    "golden outputs that are too long",
    { golden: { tolerance: 1, cases: [{ inputs: { text: "" }, outputs: Array(65).fill(0) }] } },
    "golden.cases.0.outputs",
  ],
  ["a digest of nothing", { tensors: [{ ...tensors[0], digest: target.digest }, tensors[1]] }, "tensors.0.digest"],
  ["a role that nobody knows", { tensors: [{ ...tensors[0], role: "addition" }, tensors[1]] }, "tensors.0.role"],
  ["a bias of another size", { tensors: [tensors[0], { ...tensors[1], shape: [4] }] }, "task.head.layers.0.bias"],
])("%s is refused, and the message names the field", (_, changes, path) => {
  try {
    checkManifest({ ...buildManifest(), ...changes });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: "MANIFEST_INVALID" });
    expect(String((error as Error).message)).toContain(path);
  }
});

test("layers of a head must fit each other", () => {
  const weight = wholeKey("pooler", "weight");
  const layers = [{ weight, activation: "tanh" as const }, { weight: wholeKey("classifier", "weight") }];
  const head = (out: number): Partial<Manifest> => ({
    task: { ...task, head: { input: "last_hidden_state", pooling: "cls", layers } },
    tensors: [{ key: weight, shape: [out, 6], role: "head", module: "pooler" }, ...tensors],
  });
  expect(() => checkManifest(buildManifest(head(6)))).not.toThrow();
  expect(() => checkManifest(buildManifest(head(5)))).toThrow("the layer before gives 5");
});

test("any JSON is either a manifest or MANIFEST_INVALID, and never another error", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      expect(() => parseManifest(text)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
    }),
  );
});

test("canonical JSON does not depend on the order of keys and survives parsing", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
  expect(canonicalJson({ b: [1, 1e21, -0, 1e-7], "\u20ac": "\u20ac", a: undefined, "\r": "\u000f", 10: 1, 9: 2 })).toBe(
    '{"\\r":"\\u000f","10":1,"9":2,"b":[1,1e+21,0,1e-7],"€":"€"}',
  );
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
});
