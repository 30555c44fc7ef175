import { type Config, unsupported } from "../config.ts";

/** How fast each pair of a head's numbers turns with the position: angle = position · frequency; cosine and sine are scaled. */
export type Rope = { readonly scale: number } & (
  | { readonly kind: "fixed"; readonly frequencies: readonly number[] }
  /** The base of the frequencies grows with sequences longer than `trained` (NTK-aware, dynamic). */
  | { readonly kind: "dynamic"; readonly theta: number; readonly factor: number; readonly trained: number; readonly size: number }
  /** Other frequencies for sequences longer than `trained` (LongRoPE). */
  | { readonly kind: "long"; readonly short: readonly number[]; readonly long: readonly number[]; readonly trained: number }
);

/** What frequencies are computed from. */
interface RopeSizes {
  readonly headSize: number;
  readonly maxLength: number;
}

type Parameters = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, (parameters: Parameters, sizes: RopeSizes & { theta: number }) => Rope>> = {
  default: (_, { theta, headSize }) => fixed(inverse(theta, headSize)),
  linear: (parameters, { theta, headSize }) =>
    fixed(inverse(theta, headSize).map((frequency) => Math.fround(frequency / number(parameters, "factor")))),
  dynamic: (parameters, { theta, headSize, maxLength }) => ({
    kind: "dynamic",
    theta,
    factor: number(parameters, "factor"),
    trained: maxLength,
    size: headSize,
    scale: 1,
  }),
  yarn,
  llama3,
  longrope,
};

/**
 * Reads `rope_parameters` of a config.json, or `rope_scaling` and `rope_theta` of older ones, as
 * `modeling_rope_utils` of `transformers` does. ARCHITECTURE_UNSUPPORTED names a type, or a value in it, that is not known.
 */
export function readRope(config: Config, options: RopeSizes & { readonly theta: number }): Rope {
  const parameters = scaling(config);
  const type = parameters["rope_type"] ?? parameters["type"] ?? "default";
  const build = typeof type === "string" && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (build === undefined) throw unsupported("rope_type", type, `one of ${Object.keys(TYPES).join(", ")}`);
  // No class of these families turns a part of a head only.
  const share = parameters["partial_rotary_factor"] ?? config["partial_rotary_factor"] ?? 1;
  if (share !== 1) throw unsupported("partial_rotary_factor", share, "1");
  const theta = number({ rope_theta: options.theta, ...pick(config, "rope_theta"), ...pick(parameters, "rope_theta") }, "rope_theta");
  const trained = config["original_max_position_embeddings"] ?? parameters["original_max_position_embeddings"] ?? options.maxLength;
  return build({ ...parameters, original_max_position_embeddings: trained }, { ...options, theta });
}

/** Longest sequence that the frequencies are made for. */
export function ropeLength(rope: Rope, maxLength: number): number {
  return rope.kind === "dynamic" ? Math.floor(maxLength * rope.factor) : maxLength;
}

function scaling(config: Config): Parameters {
  const found = config["rope_scaling"] ?? config["rope_parameters"] ?? {};
  if (typeof found === "object" && found !== null && !Array.isArray(found)) {
    const nested = Object.entries(found).find(([, value]) => typeof value === "object" && value !== null && !Array.isArray(value));
    if (nested !== undefined) throw unsupported(`rope_parameters.${nested[0]}`, nested[1], "the same for every layer");
    return found as Parameters;
  }
  throw unsupported("rope_parameters", found, "an object");
}

function fixed(frequencies: readonly number[], scale = 1): Rope {
  return { kind: "fixed", frequencies, scale };
}

/** 1 / θ^(2i/d), each step rounded to float32 as PyTorch does it: far positions feel the last bit. */
function inverse(theta: number, size: number): number[] {
  return Array.from({ length: size / 2 }, (_, index) => Math.fround(1 / Math.fround(Math.pow(theta, Math.fround((2 * index) / size)))));
}

/** Fast pairs as trained, slow pairs interpolated, a ramp between (arXiv 2309.00071). */
function yarn(parameters: Parameters, { theta, headSize: size, maxLength }: RopeSizes & { theta: number }): Rope {
  const trained = number(parameters, "original_max_position_embeddings");
  const factor = parameters["factor"] == null ? maxLength / trained : number(parameters, "factor");
  const [mscale, allDimensions] = [optional(parameters, "mscale"), optional(parameters, "mscale_all_dim")];
  const temperature = (scale = 1): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const scale =
    optional(parameters, "attention_factor") ??
    (mscale && allDimensions ? temperature(mscale) / temperature(allDimensions) : temperature());
  const pairOf = (turns: number): number => (size * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const whole = parameters["truncate"] !== false;
  const low = Math.max(0, round(pairOf(optional(parameters, "beta_fast") || 32), whole ? Math.floor : undefined));
  const high = Math.min(size - 1, round(pairOf(optional(parameters, "beta_slow") || 1), whole ? Math.ceil : undefined));
  const span = low === high ? 0.001 : high - low;
  const frequencies = inverse(theta, size).map((frequency, index) => {
    const kept = 1 - Math.min(1, Math.max(0, (index - low) / span));
    return (frequency / factor) * (1 - kept) + frequency * kept;
  });
  return fixed(frequencies, scale);
}

function round(value: number, how: ((value: number) => number) | undefined): number {
  return how === undefined ? value : how(value);
}

/** Slow pairs divided, fast pairs as trained, smooth between: Llama 3.1. */
function llama3(parameters: Parameters, { theta, headSize }: RopeSizes & { theta: number }): Rope {
  const [factor, low, high, trained] = (["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"] as const).map(
    (key) => number(parameters, key),
  ) as [number, number, number, number];
  return fixed(
    inverse(theta, headSize).map((frequency) => {
      const length = (2 * Math.PI) / frequency;
      if (length > trained / low) return frequency / factor;
      if (length < trained / high) return frequency;
      const smooth = (trained / length - low) / (high - low);
      return ((1 - smooth) * frequency) / factor + smooth * frequency;
    }),
  );
}

/** Each pair divided by a searched factor, one list for short and one for long sequences (arXiv 2402.13753). */
function longrope(parameters: Parameters, { theta, headSize, maxLength }: RopeSizes & { theta: number }): Rope {
  const trained = number(parameters, "original_max_position_embeddings");
  const factor = parameters["factor"] == null ? maxLength / trained : number(parameters, "factor");
  const scale = optional(parameters, "attention_factor") ?? (factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained)));
  const divided = (key: string): number[] => {
    const factors = parameters[key];
    const pairs = headSize / 2;
    if (!Array.isArray(factors) || factors.length !== pairs || !factors.every((one) => typeof one === "number" && one > 0))
      throw unsupported(`rope_parameters.${key}`, factors, `${pairs} positive numbers`);
    return inverse(theta, headSize).map((frequency, index) => frequency / (factors[index] as number));
  };
  return { kind: "long", short: divided("short_factor"), long: divided("long_factor"), trained, scale };
}

function number(parameters: Parameters, key: string): number {
  const value = parameters[key];
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw unsupported(`rope_parameters.${key}`, value, "a positive number");
}

function optional(parameters: Parameters, key: string): number | undefined {
  return parameters[key] == null ? undefined : number(parameters, key);
}

function pick(from: Parameters, key: string): Parameters {
  return from[key] == null ? {} : { [key]: from[key] };
}
