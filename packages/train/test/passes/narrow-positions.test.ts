import { planAdapter } from "@graft/methods";
import { encodeModel, type NodeProto } from "@graft/onnx";
import { buildEvaluation, EVALUATION_OUTPUTS } from "@graft/train";
import { floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { describe, expect, test } from "vitest";
import { CONFIG, tinyBase } from "../tiny.ts";

const base = tinyBase();
const [rows, width] = [3, 8];

function nodesNamed(nodes: readonly NodeProto[], prefix: string): NodeProto[] {
  return nodes.filter(({ name }) => name.startsWith(prefix));
}

describe("positions that no head reads", () => {
  test("are left out behind the last attention, and only there", () => {
    const plan = planAdapter(base, { method: { name: "head" }, task: { type: "text-classification", labels: ["a", "b"] } });
    const nodes = buildEvaluation({ base, plan, without: ["narrow-attention"] }).graph?.node ?? [];
    const choices = nodes.filter(({ name }) => name.startsWith("/positions/"));
    expect(choices).toHaveLength(2);
    const read = (module: string): string[] => nodesNamed(nodes, module).flatMap(({ input }) => input);
    const chosen = choices.flatMap(({ output }) => output);
    expect(read("/encoder/layer.1/attention/output").some((input) => chosen.includes(input))).toBe(true);
    expect(read("/encoder/layer.0").some((input) => chosen.includes(input))).toBe(false);
    expect(read("/encoder/layer.1/attention/self").some((input) => chosen.includes(input))).toBe(false);
  });

  test("do not change the logits", async () => {
    const plan = planAdapter(base, { method: { name: "full" }, task: { type: "masked-language-modelling" } });
    const ids = Array.from({ length: rows * width }, (_, index) => 5 + ((index * 11) % (CONFIG.vocab_size - 5)));
    const state = Object.fromEntries(
      plan.trainables.map(({ key, shape }, at) => [
        key,
        floatValue(
          shape,
          Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => Math.sin(index * 0.7 + at) * 0.3),
        ),
      ]),
    );
    const session = await openSession(encodeModel(buildEvaluation({ base, plan })), { state, threads: 1 });
    try {
      const logits = async (positions: readonly number[]): Promise<number[]> => {
        const outputs = await session.run({
          input_ids: intValue([rows, width], ids),
          attention_mask: intValue(
            [rows, width],
            ids.map(() => 1),
          ),
          token_type_ids: intValue(
            [rows, width],
            ids.map(() => 0),
          ),
          masked_positions: intValue([positions.length], positions),
          labels: intValue(
            [positions.length],
            positions.map(() => 7),
          ),
        });
        return Array.from(outputs[EVALUATION_OUTPUTS.logits]?.data ?? [], Number);
      };
      const every = await logits(Array.from(ids, (_, index) => index));
      const some = await logits([20, 3, 3]);
      const row = (position: number): number[] => every.slice(position * CONFIG.vocab_size, (position + 1) * CONFIG.vocab_size);
      for (const [index, value] of [...row(20), ...row(3), ...row(3)].entries()) expect(some[index]).toBeCloseTo(value, 4);
    } finally {
      await session.close();
    }
  });
});
