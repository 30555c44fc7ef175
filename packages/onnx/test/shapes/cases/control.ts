import { createModel, GraphBuilder, type GraphProto, type ModelProto } from "@graft/onnx";
import * as ort from "onnxruntime-node";
import type { Feeds } from "../observe.ts";
import { SYMBOLS } from "./case.ts";

interface ControlCase {
  readonly model: ModelProto;
  readonly feeds: Feeds;
}

/** A graph made with a builder of its own. */
function body(name: string, fill: (builder: GraphBuilder) => void): GraphProto {
  const builder = new GraphBuilder(createModel({ name }), { prefix: `${name}_` });
  fill(builder);
  return builder.graph;
}

const feedFor = (dims: readonly number[]): ort.Tensor => new ort.Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);

/** A branch that keeps the columns of the value around it or doubles them. */
function branches(): ControlCase {
  const model = createModel({ name: "If" });
  const builder = new GraphBuilder(model);
  const x = builder.input("x", "float32", ["batch", 4]);
  const condition = builder.input("condition", "bool", []);
  const then = body(
    "then",
    (inner) => void inner.output(inner.op("Concat", [x, x], { attributes: { axis: 1 } }), { type: "float32", shape: ["batch", 8] }),
  );
  const otherwise = body("else", (inner) => void inner.output(inner.op("Neg", [x]), { type: "float32", shape: ["batch", 4] }));
  builder.op("If", [condition], { attributes: { then_branch: then, else_branch: otherwise } });
  return { model, feeds: { x: feedFor([SYMBOLS.batch, 4]), condition: new ort.Tensor("bool", [true], []) } };
}

/** A loop that keeps one value, grows another and collects a third. */
function loop(): ControlCase {
  const model = createModel({ name: "Loop" });
  const builder = new GraphBuilder(model);
  const x = builder.input("x", "float32", ["batch", 4]);
  const round = body("round", (inner) => {
    inner.input("round_index", "int64", []);
    const condition = inner.input("round_condition", "bool", []);
    const kept = inner.input("round_kept", "float32", ["batch", 4]);
    const grown = inner.input("round_grown", "float32", ["batch", "columns"]);
    inner.output(inner.op("Identity", [condition]), { type: "bool", shape: [] });
    inner.output(inner.op("Neg", [kept]), { type: "float32", shape: ["batch", 4] });
    inner.output(inner.op("Concat", [grown, kept], { attributes: { axis: 1 } }), { type: "float32", shape: ["batch", "wider"] });
    inner.output(inner.op("Exp", [kept]), { type: "float32", shape: ["batch", 4] });
  });
  builder.ops("Loop", [builder.int(3), "", x, x], { outputs: 3, attributes: { body: round } });
  return { model, feeds: { x: feedFor([SYMBOLS.batch, 4]) } };
}

/** Cases of the operators with subgraphs. */
export const CONTROL_CASES: Readonly<Record<string, () => ControlCase>> = { If: branches, Loop: loop };
