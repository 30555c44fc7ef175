import { Float, floatAttribute } from "../attributes.ts";
import { DataType } from "../types.ts";
import type { Lowering } from "./lowering.ts";

/** Words, positions and types summed and normalised; also how many positions of each row are seen. */
export const lowerEmbedLayerNormalization: Lowering = ({ node, builder }) => {
  const [ids = "", types = "", words = "", places = "", kinds = "", scale = "", shift = "", mask = "", given = ""] = node.input;
  const [result = "", counts = "", total = ""] = node.output;
  if (counts !== "" && mask === "") return Promise.resolve(unreadCounts());
  return Promise.resolve(write());

  /** Without a mask the counts are zero, which nothing should read. */
  function unreadCounts(): boolean {
    const read = builder.graph.node.some((other) => other !== node && other.input.includes(counts));
    return read ? false : write();
  }

  function write(): boolean {
    const op = (
      opType: string,
      inputs: readonly string[],
      options: { attributes?: Record<string, number | Float>; outputs?: readonly string[] } = {},
    ): string => builder.op(opType, inputs, { name: `${node.name}/${opType}`, ...options });
    const rows = (table: string, indices: string): string => op("Gather", [table, indices], { attributes: { axis: 0 } });
    const length = (): string => op("Gather", [op("Shape", [ids]), builder.int(1)]);
    const positions = given === "" ? op("Range", [builder.int(0), length(), builder.int(1)]) : given;
    const typed = types === "" || kinds === "" ? [] : [rows(kinds, types)];
    const parts = [rows(words, ids), ...typed, rows(places, positions)];
    const sum = parts.reduce((left, right) => op("Add", [left, right]));
    if (total !== "") op("Identity", [sum], { outputs: [total] });
    op("LayerNormalization", [sum, scale, shift], {
      attributes: { axis: -1, epsilon: new Float(floatAttribute(node, "epsilon", 1e-12)) },
      outputs: [result],
    });
    if (counts !== "" && mask !== "") {
      const summed = op("ReduceSum", [op("Cast", [mask], { attributes: { to: DataType.int32 } }), builder.int([1])], {
        attributes: { keepdims: 0 },
      });
      op("Identity", [summed], { outputs: [counts] });
    }
    return true;
  }
};
