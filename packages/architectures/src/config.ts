import { GraftError } from "@graft/error";

/** The parsed config.json of a checkpoint. */
export type Config = Readonly<Record<string, unknown>>;

/** A switch of config.json that no family here knows. ARCHITECTURE_UNSUPPORTED. */
export function unsupported(key: string, found: unknown, wanted: string): GraftError {
  return new GraftError("ARCHITECTURE_UNSUPPORTED", `Cannot build the checkpoint: config.json has ${key} ${show(found)}, want ${wanted}`, {
    hint: "Export the model to ONNX and pass that file as the base",
    detail: { key, found },
  });
}

/** A whole number between 1 and `most`. */
export function count(config: Config, key: string, most: number): number {
  const value = config[key];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw unsupported(key, value, `a whole number from 1 to ${most}`);
}

/** A number between 0 and 1, both excluded, as normalisation uses; `fallback` when absent. */
export function fraction(config: Config, key: string, fallback: number): number {
  const value = config[key] ?? fallback;
  if (typeof value === "number" && value > 0 && value < 1) return value;
  throw unsupported(key, value, "a number between 0 and 1");
}

/** One of some texts; `fallback` when absent. */
export function choice(config: Config, key: string, options: { fallback: string; from: readonly string[] }): string {
  const value = config[key] ?? options.fallback;
  if (typeof value === "string" && options.from.includes(value)) return value;
  throw unsupported(key, value, options.from.length === 1 ? `"${options.from[0]}"` : `one of ${options.from.join(", ")}`);
}

/** A switch; `fallback` when absent. */
export function flag(config: Config, key: string, fallback: boolean): boolean {
  const value = config[key] ?? fallback;
  if (typeof value === "boolean") return value;
  throw unsupported(key, value, "true or false");
}

/** Refuses a switch that is on. */
export function off(config: Config, key: string): void {
  if (config[key] === undefined || config[key] === null || config[key] === false) return;
  throw unsupported(key, config[key], "false");
}

function show(value: unknown): string {
  const text = value === undefined ? "missing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
