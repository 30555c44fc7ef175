import { GraftError } from "@graft/error";
import { targetTensors } from "@graft/format";
import type { BaseShapes } from "./base-shapes.ts";
import { taskModule } from "./families.ts";
import type { MethodPlan } from "./method.ts";
import { namedWeights } from "./named-weights.ts";
import type { LoraOptions, LowRankOptions } from "./options/lora.ts";
import type { DoraOptions } from "./options/dora.ts";
import { checkPacked, isPacked, PACKED_PARTS } from "./packed.ts";
import { patternValue } from "./pattern-value.ts";
import type { Init, PlanBase, PlannedTarget, Trainable } from "./plan.ts";
import { planTargets } from "./planned-targets.ts";
import { planReplacements, replacement } from "./replacements.ts";
import { resolveTargets } from "./resolve-targets.ts";

/** PEFT's name of the layer that it puts its own around: biases of targets are saved under it. */
const BASE_LAYER = "base_layer";

/** Options of `lora`; those of `dora` are among them. */
type PairOptions = Omit<LoraOptions, "name">;

/** Plans the pairs of `lora` and `dora`, and the biases that are trained beside them. USAGE, TARGET_NOT_FOUND. */
export function planLowRank(base: PlanBase, options: LoraOptions | DoraOptions, prefix: string): MethodPlan {
  const { name, dropout = 0, bias = "none", initialisation = "kaiming", targets = "attention" } = options;
  const { qkv }: PairOptions = options;
  if (!(dropout >= 0 && dropout < 1))
    throw new GraftError("USAGE", `Cannot plan ${name}: the dropout is ${dropout}, want at least 0 and less than 1`);
  const planned = planTargets(base, options, prefix).map(({ target }): PlannedTarget => ({ ...target, ...pairOf(target, options) }));
  // Who wrote no TypeScript may ask for it.
  const { initialisation: start }: PairOptions = options;
  if (name === "dora" && (qkv !== undefined || start === "pissa"))
    throw new GraftError("USAGE", `Cannot plan dora with ${qkv === undefined ? "PiSSA" : "parts of packed projections"}`, {
      hint: "Take lora",
    });
  if (qkv !== undefined) checkPacked(planned);
  if (initialisation === "pissa") checkPissa(planned, options);
  const { rank, alpha, rankStabilised } = withDefaults(options);
  return {
    method: {
      name,
      rank,
      alpha,
      rankStabilised,
      targets: typeof targets === "string" ? targets : [...targets],
      initialisation,
      ...(dropout === 0 ? {} : { dropout }),
      ...(bias === "none" ? {} : { bias }),
      ...(qkv === undefined ? {} : { qkv: [...qkv] }),
    },
    targets: planned,
    trainables: [...planned.flatMap((target) => factors(target, options)), ...biases(base, { prefix, bias, targets: planned })],
    ...(dropout === 0 ? {} : { dropout }),
  };
}

/** Σ rank · (in + out) over the targets, a convolution's kernel in `in`, and the biases that are trained beside them. */
export function countLowRank({ matrices, weights, family }: BaseShapes, options: LoraOptions | DoraOptions): number {
  const { bias = "none", targets = "attention", exclude } = options;
  const found = new Map(
    resolveTargets(matrices, { targets, exclude, family }).map((matrix) => [`${matrix.operator} ${matrix.module}`, matrix]),
  );
  const pairs = [...found.values()].reduce((sum, matrix) => {
    const { rank, parts } = pairOf(matrix, options);
    // Of a packed projection each part has its own share of the outputs.
    const outputs = parts === undefined ? matrix.out : matrix.out / PACKED_PARTS.length;
    return sum + rank * matrix.in + (parts === undefined ? rank : rank / parts.length) * outputs * (parts?.length ?? 1);
  }, 0);
  const adapted = new Set([...found.values()].map(({ module }) => module));
  return weights
    .filter(({ module, part }) => part === "bias" && (bias === "all" || (bias === "lora_only" && adapted.has(module))))
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), pairs);
}

/** The same with the parts of a packed projection, whose ranks add up. */
function pairOf(
  target: { readonly module: string; readonly in: number; readonly out: number },
  options: PairOptions,
): { rank: number; alpha: number; scale: number } & Pick<PlannedTarget, "parts"> {
  const pair = rankOf(target, options);
  if (options.qkv === undefined || !isPacked(target)) return pair;
  const parts = PACKED_PARTS.filter((part) => options.qkv?.includes(part) === true);
  if (parts.length === 0)
    throw new GraftError("USAGE", `Cannot adapt "${target.module}": no part of it is named`, { hint: "Name query, key or value" });
  return { ...pair, rank: parts.length * pair.rank, alpha: parts.length * pair.alpha, parts };
}

/** USAGE where a pair cannot start as the principal part of its matrix and be saved at twice its rank. */
function checkPissa(targets: readonly PlannedTarget[], { dropout = 0 }: PairOptions): void {
  if (dropout > 0)
    throw new GraftError("USAGE", "Cannot start from principal parts with dropout: the base is without them, and needs them whole", {
      hint: "Leave out one of the two",
    });
  for (const { module, kind, parts, rank = 0, in: columns, out } of targets) {
    if (kind !== undefined || parts !== undefined)
      throw new GraftError("USAGE", `Cannot start "${module}" from its principal part: it is no dense layer of its own`, {
        hint: "Leave it out of the targets",
      });
    if (2 * rank > Math.min(columns, out))
      throw new GraftError(
        "USAGE",
        `Cannot start "${module}" from its principal part: of ${out} × ${columns}, want a rank of at most half`,
        {
          hint: `Take a rank of at most ${Math.floor(Math.min(columns, out) / 2)}`,
        },
      );
  }
}

/** Rank, alpha and the scale of one target, by the patterns; USAGE for a rank that its shape cannot have. */
function rankOf(
  { module, in: columns, out }: { readonly module: string; readonly in: number; readonly out: number },
  options: PairOptions,
): { rank: number; alpha: number; scale: number } {
  const defaults = withDefaults(options);
  const rank = patternValue(options.rankPattern, module, defaults.rank);
  const alpha = patternValue(options.alphaPattern, module, defaults.alpha);
  if (!Number.isInteger(rank) || rank < 1)
    throw new GraftError("USAGE", `Cannot adapt "${module}": the rank is ${rank}, want a whole number of at least 1`);
  if (!Number.isFinite(alpha)) throw new GraftError("USAGE", `Cannot adapt "${module}": alpha is ${alpha}, want a finite number`);
  if (rank > Math.min(columns, out)) {
    throw new GraftError("USAGE", `Cannot adapt "${module}": its matrix of ${out} × ${columns} has no rank of ${rank}`, {
      hint: `Take a rank of at most ${Math.min(columns, out)}, for this target alone with a rank pattern`,
    });
  }
  return { rank, alpha, scale: alpha / (defaults.rankStabilised ? Math.sqrt(rank) : rank) };
}

function withDefaults({
  rank = 8,
  alpha = 2 * rank,
  rankStabilised = false,
}: PairOptions): Required<Pick<LowRankOptions, "rank" | "alpha" | "rankStabilised">> {
  return { rank, alpha, rankStabilised };
}

/** A and B, one of them zero, so that the difference is. */
function factors(target: PlannedTarget, { initialisation = "kaiming", learningRateRatio = 1 }: PairOptions): Trainable[] {
  const { module, initializer, kind, rank = 0, parts } = target;
  const random: Init =
    kind === "embedding"
      ? { kind: "gaussian", deviation: 1 }
      : initialisation === "gaussian"
        ? { kind: "gaussian", deviation: 1 / rank }
        : { kind: "kaiming", fanIn: target.in };
  const zeros: Init = { kind: "zeros" };
  return targetTensors("lora", target).map(({ part, key, shape }): Trainable => {
    const init = (part === "a") === (kind !== "embedding") ? random : zeros;
    const rate = part === "b" && learningRateRatio !== 1 ? { rate: learningRateRatio } : {};
    const count = part === "b" && parts !== undefined ? { count: (target.out / PACKED_PARTS.length) * rank } : {};
    return { key, shape, role: "target", module, init, initializer, ...rate, ...count };
  });
}

function biases(
  base: PlanBase,
  { prefix, bias, targets }: { prefix: string; bias: "none" | "lora_only" | "all"; targets: readonly PlannedTarget[] },
): Trainable[] {
  if (bias === "none") return [];
  const adapted = new Set(targets.map(({ module }) => module));
  const ofTargets = namedWeights(base.model).flatMap((weight) => {
    const module = taskModule(weight.module, prefix);
    return weight.part === "bias" && adapted.has(module) ? [replacement(weight, module, BASE_LAYER)] : [];
  });
  if (bias === "lora_only") return ofTargets;
  return [...ofTargets, ...planReplacements(base, prefix, ({ module, part }) => part === "bias" && !adapted.has(module))];
}
