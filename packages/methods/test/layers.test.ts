import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Manifest, packAdapter, peftConfig } from "@graft/format";
import {
  attachAdapters,
  type AttachSlot,
  initialise,
  matchTargets,
  mergeAdapter,
  type Method,
  type MethodOptions,
  METHODS,
  neutralSlot,
  planManifest,
  slotShape,
  targetValues,
  targetWeight,
} from "@graft/methods";
import {
  cloneModel,
  createModel,
  digestMatrices,
  encodeModel,
  floatTensor,
  GraphBuilder,
  type ModelProto,
  modelWeights,
} from "@graft/onnx";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { encodeSafetensors, fromFloat32 } from "@graft/safetensors";
import { referee, runReferee } from "../../../test/referee.ts";

const IDS = [
  [1, 2, 3, 4, 5],
  [6, 0, 1, 1, 2],
];
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "embed.weight": [7, 4],
  "conv1.weight": [6, 4, 3],
  "conv1.bias": [6],
  "conv2.weight": [3, 6, 3, 1],
  "conv2.bias": [3],
  "linear.weight": [4, 9],
  "linear.bias": [4],
};

/** An embedding, a convolution along positions, one over a plane, and a dense layer: every kind of layer that methods adapt. */
function network(): { model: ModelProto; tensors: Map<string, Float32Array> } {
  const model = createModel({ name: "test", opset: 18 });
  const builder = new GraphBuilder(model);
  const tensors = new Map<string, Float32Array>();
  for (const [index, [name, dims]] of Object.entries(SHAPES).entries()) {
    const size = dims.reduce((product, one) => product * one, 1);
    tensors.set(
      name,
      Float32Array.from({ length: size }, (_, at) => Math.sin(7 * index + at)),
    );
    builder.initializer(floatTensor(name, dims, tensors.get(name) ?? []));
  }
  builder.input("ids", "int64", ["rows", 5]);
  const rows = builder.op("Gather", ["embed.weight", "ids"], { name: "/embed/Gather", attributes: { axis: 0 } });
  const channels = builder.op("Transpose", [rows], { attributes: { perm: [0, 2, 1] } });
  const one = builder.op("Conv", [channels, "conv1.weight", "conv1.bias"], { name: "/conv1/Conv", attributes: { pads: [1, 1] } });
  const plane = builder.op("Unsqueeze", [builder.op("Tanh", [one]), builder.int([3])]);
  const two = builder.op("Conv", [plane, "conv2.weight", "conv2.bias"], {
    name: "/conv2/Conv",
    attributes: { pads: [1, 0, 1, 0], strides: [2, 1] },
  });
  const flat = builder.op("Reshape", [builder.op("Tanh", [two]), builder.int([-1, 9])]);
  const dense = builder.op("Gemm", [flat, "linear.weight", "linear.bias"], { name: "/linear/Gemm", attributes: { transB: 1 } });
  builder.output(builder.op("Unsqueeze", [dense, builder.int([1])]), {
    name: "last_hidden_state",
    type: "float32",
    shape: ["rows", 1, 4],
  });
  return { model, tensors };
}

const targets = ["embed", "conv1", "conv2", "linear"];
const CASES: Readonly<Record<string, MethodOptions>> = {
  lora: { name: "lora", rank: 2, alpha: 3, targets },
  "lora with other ranks, by the root of the rank": {
    name: "lora",
    rank: 3,
    alpha: 5,
    rankStabilised: true,
    targets,
    rankPattern: { "conv.": 2 },
  },
  dora: { name: "dora", rank: 2, alpha: 3, targets },
  // PEFT has no IA³ for convolutions along one axis.
  "ia3 on outputs": { name: "ia3", targets: ["conv2", "linear"], feedforward: [] },
  "ia3 on inputs": { name: "ia3", targets: ["conv2", "linear"], feedforward: ["conv2", "linear"] },
};

const base = network();
const weights = modelWeights(base.model, () => Promise.reject(new Error("nothing is external")));

async function answer(model: ModelProto, feeds: Feeds = {}): Promise<number[]> {
  const session = await openSession(encodeModel(model), { threads: 1 });
  try {
    return Array.from((await session.run({ ids: intValue([2, 5], IDS.flat()), ...feeds }))["last_hidden_state"]?.data ?? [], Number);
  } finally {
    await session.close();
  }
}

/** A planned adapter with random values, and what the graph gives that it was injected into. */
async function adapted(options: MethodOptions): Promise<{ manifest: Manifest; values: Map<string, Float32Array>; injected: number[] }> {
  const method = METHODS[options.name] as Method;
  const plan = method.plan({ model: base.model, hiddenSize: 4 }, options, "net");
  const random = plan.trainables.map((one) => ({ ...one, init: { kind: "gaussian", deviation: 0.7 } as const }));
  const values = await initialise({ trainables: random }, { seed: 4, weights });
  const parts = planManifest(
    { ...plan, task: { type: "masked-language-modelling" }, parameters: 0 },
    await digestMatrices(base.model, weights),
  );
  const manifest: Manifest = {
    formatVersion: 1,
    ...parts,
    task: { type: "feature-extraction", labels: [] },
    base: { name: "test", fingerprint: `sha256:${"0".repeat(64)}`, files: [] },
    writer: { name: "test", version: "1.0.0" },
  };
  const model = cloneModel(base.model);
  method.inject(new GraphBuilder(model), plan);
  const feeds = Object.fromEntries(plan.trainables.map(({ key, shape }) => [key, floatValue(shape, values.get(key) as Float32Array)]));
  return { manifest, values, injected: await answer(model, feeds) };
}

function difference(one: readonly number[], other: readonly number[]): number {
  return Math.max(...one.map((value, index) => Math.abs(value - (other[index] ?? Number.NaN))));
}

describe.each(Object.entries(CASES))("%s", (_, options) => {
  test("gives the same injected, attached and merged, and leaves the base alone without it", async () => {
    const { manifest, values, injected } = await adapted(options);
    const read = async (key: string): Promise<Float32Array> => values.get(key) as Float32Array;
    const { matches } = await matchTargets(base.model, manifest.targets);
    expect(matches).toHaveLength(manifest.targets.length);
    const merged = await mergeAdapter({ model: base.model, weights }, { manifest, matches, values: read });
    const plain = await answer(base.model);
    expect(difference(injected, plain)).toBeGreaterThan(0.1);
    expect(difference(await answer(merged.model), injected)).toBeLessThan(1e-5);

    const attached = attachAdapters({ model: base.model, hiddenSize: 4 }, [{ manifest, matches }]);
    const own: Record<string, Feeds[string]> = {};
    const none: Record<string, Feeds[string]> = {};
    for (const one of attached.targets) {
      const match = matches.find(({ uses }) => uses[0].output === one.site);
      if (match === undefined) throw new Error("there is no such target");
      const given = await targetValues(manifest, match.target, read);
      const slots = await METHODS[options.name].attachment?.values(match.target, given, () => targetWeight(match.uses[0], weights));
      for (const [slot, input] of Object.entries(one.inputs) as [AttachSlot, string][]) {
        own[input] = floatValue(slotShape(one.layer, slot, match.target.rank ?? 0), slots?.[slot] ?? new Float32Array());
        const neutral = neutralSlot(one, slot);
        none[input] = floatValue(neutral.shape, neutral.values);
      }
    }
    expect(difference(await answer(attached.model, own), injected)).toBeLessThan(1e-5);
    expect(difference(await answer(attached.model, none), plain)).toBeLessThan(1e-6);
  });
});

const PEFT = `
import sys, json, torch
from safetensors.torch import load_file
from peft import PeftModel
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(7, 4)
        self.conv1 = torch.nn.Conv1d(4, 6, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(6, 3, (3, 1), stride=(2, 1), padding=(1, 0))
        self.linear = torch.nn.Linear(9, 4)
    def forward(self, ids):
        x = torch.tanh(self.conv1(self.embed(ids).transpose(1, 2)))
        return self.linear(torch.tanh(self.conv2(x.unsqueeze(3))).flatten(1))
class Task(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()
    def forward(self, ids): return self.net(ids)
job = json.load(sys.stdin)
ids = torch.tensor(job["ids"])
def answer(folder):
    task = Task()
    task.net.load_state_dict(load_file(job["base"]))
    model = PeftModel.from_pretrained(task, folder).eval()
    with torch.no_grad():
        attached = model(ids).flatten().tolist()
        return [attached, model.merge_and_unload()(ids).flatten().tolist()]
print(json.dumps([answer(folder) for folder in job["adapters"]]))
`;

describe.skipIf(referee === undefined)("PEFT gives the same with the same file", () => {
  const ours: number[][] = [];
  let theirs: number[][][] = [];
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "graft-layers-"));
    const stored = [...base.tensors].map(
      ([name, values]) => [name, { dtype: "F32", shape: SHAPES[name] ?? [], data: fromFloat32("F32", values) }] as const,
    );
    await writeFile(join(folder, "base.safetensors"), encodeSafetensors(new Map(stored)));
    const adapters: string[] = [];
    for (const options of Object.values(CASES)) {
      const { manifest, values, injected } = await adapted(options);
      ours.push(injected);
      const method = METHODS[options.name] as Method;
      const { trainables } = method.plan({ model: base.model, hiddenSize: 4 }, options, "net");
      const own = await mkdtemp(join(folder, "adapter-"));
      const tensors = trainables.map(
        ({ key, shape }) => [key, { dtype: "F32", shape, data: fromFloat32("F32", values.get(key) ?? new Float32Array()) }] as const,
      );
      await writeFile(join(own, "adapter_model.safetensors"), packAdapter({ manifest, tensors: new Map(tensors) }));
      await writeFile(join(own, "adapter_config.json"), JSON.stringify({ ...peftConfig(manifest), task_type: null }));
      adapters.push(own);
    }
    const input = JSON.stringify({ ids: IDS, base: join(folder, "base.safetensors"), adapters });
    theirs = JSON.parse(runReferee(PEFT, input).toString().trim().split("\n").at(-1) ?? "") as number[][][];
  });

  test.each(Object.keys(CASES))("%s", (name) => {
    const index = Object.keys(CASES).indexOf(name);
    for (const form of theirs[index] ?? []) expect(difference(ours[index] ?? [], form)).toBeLessThan(1e-5);
    expect(theirs[index]).toHaveLength(2);
  });
});
