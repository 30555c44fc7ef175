import type { GraphBuilder } from "../builder.ts";
import type { GraphIndex } from "../graph-index.ts";
import type { Matrix } from "../matrices/matrices.ts";
import type { NodeProto } from "../proto/onnx_pb.ts";
import type { ValueType } from "../shapes/value-type.ts";
import type { Weights } from "../weights.ts";

/** A fused node and what there is to know about its graph. */
export interface LoweringContext {
  readonly node: NodeProto;
  readonly builder: GraphBuilder;
  readonly index: GraphIndex;
  readonly types: ReadonlyMap<string, ValueType>;
  readonly matrices: readonly Matrix[];
  readonly weights: Weights;
}

/** Writes the operators that a fused one stands for, its outputs under their names; false, and nothing written, for a form that it does not know. */
export type Lowering = (context: LoweringContext) => Promise<boolean>;
