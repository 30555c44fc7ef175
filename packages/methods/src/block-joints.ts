import { GraftError } from "@graft/error";
import { GraphIndex, type Matrix, matrices, type ModelProto, type NodeProto } from "@graft/onnx";
import { findBlocks } from "./blocks.ts";
import { hiddenState } from "./hidden-state.ts";

/** Attention or feed-forward part of a block: `sum` = `output` + `residual`. All are values [batch, sequence, width]. */
interface Sublayer {
  /** What its last dense layer gives, in the form in which it joins the residual stream. */
  readonly output: string;
  readonly residual: string;
  readonly sum: string;
}

/** One transformer block of a graph, by the values at its joints. */
export interface Block {
  /** Path of its module in the base: "encoder.layer.0". */
  readonly module: string;
  /** The residual stream that it reads, and that it gives: what the next block reads. */
  readonly input: string;
  readonly output: string;
  readonly attention: Sublayer;
  readonly feedForward: Sublayer;
  /** Whether sublayers are normalised before they read (GPT-2, Llama, ViT) or after the sum (BERT). */
  readonly normalised: "before" | "after";
}

/** The path up to and with the first number in it. */
const NUMBERED = /^((?:[^.]+\.)*?\d+)(?:\.|$)/;

/** Operators between a dense layer and the residual sum that leave every value where it is. */
const PASSED: ReadonlySet<string> = new Set(["Identity", "Cast", "Reshape", "Dropout"]);

/** Operators that add or multiply a parameter, value by value. */
const WITH_PARAMETER: ReadonlySet<string> = new Set(["Add", "Mul"]);

/** Longest chain from a dense layer to the sum. */
const STEPS = 8;

/**
 * The transformer blocks of a model, in order: matrices of one numbered module are a block, and its sublayers end where a
 * dense layer's result is added to something that was computed before it. ONNX_UNSUPPORTED names what could not be found.
 */
export function findJoints(model: ModelProto): Block[] {
  if (model.graph === undefined) throw unsupported("the model has no graph");
  const index = new GraphIndex(model.graph);
  const groups = groupByBlock(matrices(model));
  if (groups.length === 0) throw unsupported('no matrix belongs to a numbered module such as "encoder.layer.0"');
  const joints = groups.map(({ module, found }) => ({ module, ...jointsOf(index, { module, found }) }));
  return joints.map(({ module, attention, feedForward, normalised }, position) => ({
    module,
    input: plain(index, attention.residual),
    output: outputOf(model, { index, next: joints[position + 1]?.attention.residual, joint: { module, feedForward, normalised } }),
    attention,
    feedForward,
    normalised,
  }));
}

/** Matrices by the block that they belong to, in order. */
function groupByBlock(all: readonly Matrix[]): { module: string; found: Matrix[] }[] {
  const used = all.filter(({ operator, input }) => operator !== "Gather" && input !== "");
  const blocks = findBlocks(used.map(({ module }) => module));
  const groups = new Map<number, Matrix[]>();
  for (const matrix of used) {
    const block = blocks.of(matrix.module);
    if (block !== undefined) groups.set(block, [...(groups.get(block) ?? []), matrix]);
  }
  return [...groups]
    .toSorted(([one], [other]) => one - other)
    .map(([, found]) => ({ module: NUMBERED.exec(found[0]?.module ?? "")?.[1] ?? "", found }));
}

function jointsOf(
  index: GraphIndex,
  { module, found }: { module: string; found: readonly Matrix[] },
): Pick<Block, "attention" | "feedForward" | "normalised"> {
  const sums = found.flatMap((matrix) => joinedSum(index, matrix.output) ?? []);
  const [attention, feedForward, ...more] = sums;
  if (attention === undefined || feedForward === undefined || more.length > 0)
    throw unsupported(
      `${sums.length} dense layers of "${module}" (${found.length} matrices) are added to the residual stream, want 2: after attention and after the feed-forward layers`,
    );
  if (attention.sum === feedForward.sum || attention.residual === feedForward.residual)
    throw unsupported(`attention and feed-forward layers of "${module}" lie side by side, want one after the other`);
  return { attention, feedForward, normalised: plain(index, feedForward.residual) === plain(index, attention.sum) ? "before" : "after" };
}

/** Follows what a dense layer gives to the sum with the residual stream; undefined where it goes elsewhere. */
function joinedSum(index: GraphIndex, output: string): Sublayer | undefined {
  let value = output;
  for (let step = 0; step < STEPS; step++) {
    const [use, ...more] = index.consumers(value);
    if (use === undefined || more.length > 0) return undefined;
    const { node, input } = use;
    const other = node.input[1 - input] ?? "";
    const [given = ""] = node.output;
    if (PASSED.has(node.opType) && input === 0) value = given;
    else if (WITH_PARAMETER.has(node.opType) && isConstant(index, other)) value = given;
    else return node.opType === "Add" ? { output: value, residual: other, sum: given } : undefined;
  }
  return undefined;
}

function isConstant(index: GraphIndex, value: string): boolean {
  if (index.constant(value) !== undefined) return true;
  const node = index.producer(value);
  return node !== undefined && ["Identity", "Cast"].includes(node.opType) && isConstant(index, node.input[0] ?? "");
}

/** A value without the copies and casts made of it. */
function plain(index: GraphIndex, value: string): string {
  const node = index.producer(value);
  return node !== undefined && ["Identity", "Cast"].includes(node.opType) ? plain(index, node.input[0] ?? "") : value;
}

/** What a block gives: what the next one reads. The last gives its sum, or where that is normalised, what the operator gives, else the hidden state itself. */
function outputOf(
  model: ModelProto,
  options: { index: GraphIndex; next: string | undefined; joint: Pick<Block, "module" | "feedForward" | "normalised"> },
): string {
  const { index, next, joint } = options;
  const { module, feedForward, normalised } = joint;
  if (next !== undefined) return plain(index, next);
  if (normalised === "before") return feedForward.sum;
  const norm = index.consumers(feedForward.sum).find(({ node }) => isNormalisation(node));
  const found = norm?.node.output[0] ?? plain(index, hiddenState(model));
  if (index.producer(found) === undefined) throw unsupported(`what "${module}" gives is not computed by a node at the top level`);
  return found;
}

function isNormalisation({ opType }: NodeProto): boolean {
  return opType.endsWith("LayerNormalization") || opType === "RMSNormalization";
}

function unsupported(why: string): GraftError {
  return new GraftError("ONNX_UNSUPPORTED", `Cannot find the transformer blocks: ${why}`, {
    hint: "Take the checkpoint folder, or an export that keeps module names; or take the method lora",
  });
}
