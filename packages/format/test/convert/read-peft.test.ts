import { describe, expect, test } from "vitest";
import { openPeft, PEFT_FIELDS } from "@graft/format";
import { encodeSafetensors, type Tensor } from "@graft/safetensors";
import { peftSelection } from "../../src/convert/peft-selection.ts";
import { readPeftConfig } from "../../src/convert/peft-config-file.ts";
import { countingTensor } from "../adapter-builder.ts";

const CONFIG = { peft_type: "LORA", r: 2, lora_alpha: 4, target_modules: ["query"] };
const KEY = "base_model.model.bert.encoder.layer.0.attention.self.query";

const read = (changes: Readonly<Record<string, unknown>>): ReturnType<typeof readPeftConfig> =>
  readPeftConfig(JSON.stringify({ ...CONFIG, ...changes }));

describe("adapter_config.json", () => {
  test.each(Object.entries(PEFT_FIELDS["LORA"] ?? {}).filter(([, rule]) => rule === "refused"))(
    "%s is refused by name when it is on",
    (field) => {
      expect(() => read({ [field]: { on: true } })).toThrow(
        expect.objectContaining({ code: "CONVERT_UNSUPPORTED", message: expect.stringContaining(`"${field}"`), detail: { field } }),
      );
      for (const off of [null, false, {}, []]) expect(read({ [field]: off }).peft_type).toBe("LORA");
    },
  );

  test("a field that nobody knows is refused by name, unless it is off", () => {
    expect(() => read({ use_quantum: true })).toThrow(
      expect.objectContaining({
        code: "CONVERT_UNSUPPORTED",
        message: expect.stringContaining('"use_quantum" to true, and Graft does not know that field'),
      }),
    );
    expect(read({ use_quantum: false, quantum_config: null, quantum_pattern: {} }).peft_type).toBe("LORA");
  });

  test.each([
    ["no JSON", "{", "CONVERT_INVALID"],
    ["a list", "[]", "CONVERT_INVALID"],
    ["a text", '"LORA"', "CONVERT_INVALID"],
    ["null", "null", "CONVERT_INVALID"],
    ["a config of something else", '{"model_type":"bert"}', "CONVERT_INVALID"],
    ["another method", '{"peft_type":"ADALORA"}', "CONVERT_UNSUPPORTED"],
    ["a method that is a property of every object", '{"peft_type":"constructor"}', "CONVERT_UNSUPPORTED"],
    ["a rank of zero", '{"peft_type":"LORA","r":0}', "CONVERT_INVALID"],
    ["a rank that no matrix has", '{"peft_type":"LORA","r":1e30}', "CONVERT_INVALID"],
    ["an alpha that is a text", '{"peft_type":"LORA","lora_alpha":"16"}', "CONVERT_INVALID"],
    ["a negative rank in a pattern", '{"peft_type":"LORA","rank_pattern":{"query":-1}}', "CONVERT_INVALID"],
    ["a bias that PEFT does not have", '{"peft_type":"LORA","bias":"some"}', "CONVERT_INVALID"],
  ])("%s is refused", (_, text, code) => {
    expect(() => readPeftConfig(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(/^Cannot import adapter_config\.json: /) }),
    );
  });
});

describe("the selection of modules is PEFT's", () => {
  const modules = [0, 1, 10].flatMap((layer) => ["query", "key"].map((name) => `bert.encoder.layer.${layer}.attention.self.${name}`));
  const chosen = (changes: Readonly<Record<string, unknown>>): number[] =>
    modules.flatMap((module, index) => (peftSelection(read(changes)).isTarget(module) === true ? [index] : []));

  test.each([
    ["ends of paths, at a dot", { target_modules: ["query"] }, [0, 2, 4]],
    ["no part of a name", { target_modules: ["uery"] }, []],
    ["a text for the whole path", { target_modules: "query" }, []],
    ["an expression for the whole path", { target_modules: String.raw`.*layer\.1\..*` }, [2, 3]],
    ["without what is excluded", { target_modules: ["query"], exclude_modules: ["layer.1.attention.self.query"] }, [0, 4]],
    ["without what is trained whole", { target_modules: ["query"], modules_to_save: ["layer.10"] }, [0, 2]],
    ["some layers", { target_modules: ["query", "key"], layers_to_transform: [1] }, [2, 3]],
    ["one layer of a pattern", { target_modules: ["query"], layers_to_transform: 10, layers_pattern: "layer" }, [4]],
    ["a layer of another pattern", { target_modules: ["query"], layers_to_transform: 10, layers_pattern: "h" }, []],
    ["parameters", { target_modules: [], target_parameters: ["layer.0.attention.self.key.weight"] }, [1]],
  ])("%s", (_, changes, expected) => {
    expect(chosen(changes)).toEqual(expected);
  });

  test("ranks and alphas are those of the first pattern that matches the end of a path", () => {
    const { rank, alpha } = peftSelection(read({ rank_pattern: { "layer.1.*query": 3, query: 5 }, alpha_pattern: { key: 9 } }));
    expect(modules.map(rank)).toEqual([5, 2, 3, 2, 3, 2]);
    expect(modules.map(alpha)).toEqual([4, 9, 4, 9, 4, 9]);
  });

  test("what only PEFT's own look at the model can tell stays open", () => {
    expect(peftSelection(read({ target_modules: "all-linear" })).isTarget(modules[0] ?? "")).toBeUndefined();
    expect(peftSelection(read({ target_modules: null })).isTarget(modules[0] ?? "")).toBeUndefined();
  });

  test("an expression that would take for ever is answered at once, and look-around is refused", () => {
    const { isTarget } = peftSelection(read({ target_modules: "(a|aa|a*)*(b|a*)*c" }));
    expect(isTarget("a".repeat(199))).toBe(false);
    expect(() => peftSelection(read({ target_modules: "(?!x).*" }))).toThrow(expect.objectContaining({ code: "CONVERT_UNSUPPORTED" }));
  });
});

describe("adapter_model.safetensors", () => {
  const open = (tensors: Readonly<Record<string, Tensor>>): ReturnType<typeof openPeft> =>
    openPeft(JSON.stringify(CONFIG), encodeSafetensors(new Map(Object.entries(tensors))));

  test("keys say what they are for", async () => {
    const { tensors } = await open({
      [`${KEY}.lora_A.weight`]: countingTensor([2, 8], 0),
      [`${KEY}.base_layer.bias`]: countingTensor([8], 0),
      "base_model.model.classifier.original_module.bias": countingTensor([3], 0),
      "base_model.model.classifier.modules_to_save.bias": countingTensor([3], 0),
    });
    expect(tensors.map(({ module, part, inner }) => [module, part, inner])).toEqual(
      expect.arrayContaining([
        ["bert.encoder.layer.0.attention.self.query", "lora_A", false],
        ["bert.encoder.layer.0.attention.self.query", "bias", true],
        ["classifier", "bias", false],
      ]),
    );
    expect(tensors).toHaveLength(3);
  });

  test.each([
    ["no tensors", {}, "CONVERT_INVALID"],
    ["a key without PEFT's prefix", { "query.lora_A.weight": countingTensor([2, 8], 0) }, "CONVERT_INVALID"],
    ["a tensor of whole numbers", { [`${KEY}.lora_A.weight`]: { dtype: "I64", shape: [1], data: new Uint8Array(8) } }, "CONVERT_INVALID"],
    ["a tensor that means nothing here", { [`${KEY}.lora_velora_embed`]: countingTensor([8], 0) }, "CONVERT_UNSUPPORTED"],
    ["two parameters of one module", { [`${KEY}.base_layer.lora_A.weight`]: countingTensor([2, 8], 0) }, "CONVERT_UNSUPPORTED"],
  ] satisfies [string, Record<string, Tensor>, string][])("%s is refused", async (_, tensors, code) => {
    await expect(open(tensors)).rejects.toMatchObject({ code });
  });

  test("a truncated file is refused", async () => {
    const bytes = encodeSafetensors(new Map([[`${KEY}.lora_A.weight`, countingTensor([2, 8], 0)]]));
    await expect(openPeft(JSON.stringify(CONFIG), bytes.subarray(0, -1))).rejects.toMatchObject({ code: "SAFETENSORS_INVALID" });
  });
});
