import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { methodNamed } from "@graft/methods";
import { cloneModel, encodeModel, GraphBuilder } from "@graft/onnx";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { bytesSource, openSafetensors, toFloat32 } from "@graft/safetensors";
import { beforeAll, describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";

/** One method on one model, and the file of its tensors, rows, and what PyTorch made of them. */
interface Case {
  readonly model: string;
  readonly method: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly padding: string;
  readonly file: string;
  readonly mask: readonly (readonly number[])[];
}

const SCRIPT = join(import.meta.dirname, "../../../test/referee/added_methods.py");

describe.skipIf(referee === undefined)("prefixes and bottleneck layers", () => {
  let folder = "";
  let cases: Case[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "graft-added-"));
    const answer = runReferee(readFileSync(SCRIPT, "utf8"), folder).toString();
    cases = JSON.parse(answer.trim().split("\n").at(-1) ?? "") as Case[];
  });

  /** Largest difference to PyTorch over the real positions. */
  async function difference({ method, file, mask, model }: Case, path: string): Promise<number> {
    const stored = await openSafetensors(bytesSource(readFileSync(join(folder, file))));
    const base = await openBase(path);
    const names = [...stored.header.tensors.values()].filter(({ name }) => name.startsWith("base_model."));
    const trainables = names.map(({ name: key, shape }) => ({
      key,
      shape,
      role: "added" as const,
      module: key.replace(/^base_model\.model\.(.*)\.\w+$/, "$1"),
    }));
    const builder = new GraphBuilder(cloneModel(base.model));
    methodNamed(method.name)?.inject(builder, { method, targets: [], trainables });
    const values = async (name: string): Promise<Float32Array> => {
      const { dtype, data } = await stored.tensor(name);
      return toFloat32(dtype, data);
    };
    const feeds: Record<string, Feeds[string]> = {};
    for (const { key, shape } of trainables) feeds[key] = floatValue(shape, await values(key));
    for (const { name, shape, dtype } of stored.header.tensors.values()) {
      if (name === "expected" || name.startsWith("base_model.")) continue;
      const { data } = await stored.tensor(name);
      feeds[name] =
        dtype === "F32" ? floatValue(shape, await values(name)) : intValue(shape, new BigInt64Array(Uint8Array.from(data).buffer));
    }
    if (builder.graph.input.some(({ name }) => name === "token_type_ids"))
      feeds["token_type_ids"] = intValue(
        [mask.length, mask[0]?.length ?? 0],
        mask.flat().map(() => 0),
      );
    const session = await openSession(encodeModel(builder.model), { folder: base.folder, threads: 1 });
    try {
      const found = (await session.run(feeds, { fetches: ["last_hidden_state"] }))["last_hidden_state"]?.data as Float32Array;
      const expected = await values("expected");
      expect(found).toHaveLength(expected.length);
      const width = 16;
      const real = (index: number): boolean => model === "vit" || mask.flat()[Math.floor(index / width)] === 1;
      return Math.max(...found.map((value, index) => (real(index) ? Math.abs(value - (expected[index] ?? Number.NaN)) : 0)));
    } finally {
      await session.close();
    }
  }

  test("give PyTorch's hidden states on exports of five families, whichever side the padding is on, to 1e-4", async () => {
    const differences = await Promise.all(
      cases.map(
        async (one) =>
          [`${one.model} ${JSON.stringify(one.method)} ${one.padding}`, await difference(one, join(folder, `${one.model}.onnx`))] as const,
      ),
    );
    expect(differences.length).toBeGreaterThan(20);
    expect(differences.filter(([, value]) => !(value < 1e-4))).toEqual([]);
  });

  test("give them on a checkpoint too", async () => {
    const bert = cases.filter(({ model }) => model === "bert");
    const differences = await Promise.all(bert.map((one) => difference(one, join(folder, "bert"))));
    expect(Math.max(...differences)).toBeLessThan(1e-4);
  });
});
