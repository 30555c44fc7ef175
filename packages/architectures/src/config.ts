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

/** A whole number from 0 up to, but not including, `below`; `fallback` when absent. */
export function index(config: Config, key: string, options: { fallback: number; below: number }): number {
  const value = config[key] === undefined ? options.fallback : config[key];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < options.below) return value;
  throw unsupported(key, value, `a whole number from 0 to ${options.below - 1}`);
}

/** A number between 0 and 1, both excluded, as normalisation uses; `fallback` when absent. */
export function fraction(config: Config, key: string, fallback: number): number {
  const value = config[key] ?? fallback;
  if (typeof value === "number" && value > 0 && value < 1) return value;
  throw unsupported(key, value, "a number between 0 and 1");
}

/** A whole number between 1 and `most`; `fallback` when absent. */
export function optionalCount(config: Config, key: string, options: { fallback: number; most: number }): number {
  return config[key] === undefined ? options.fallback : count(config, key, options.most);
}

/** A length, or one for each of two sides: whole numbers between 1 and `most`; `fallback` when absent. */
export function lengths(config: Config, key: string, options: { fallback: number; most: number }): number[] {
  const value = config[key] ?? options.fallback;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const right = (side: unknown): side is number =>
    typeof side === "number" && Number.isSafeInteger(side) && side >= 1 && side <= options.most;
  if (list.every(right) && (list.length === 1 || list.length === 2)) return list;
  throw unsupported(key, value, `one or two whole numbers from 1 to ${options.most}`);
}

/** Some words of a list, or of a text that separates them by "|"; none when absent. Each is given once. */
export function words(config: Config, key: string, known: readonly string[]): string[] {
  const value = config[key] ?? [];
  const list: unknown[] =
    typeof value === "string" ? value.split("|").map((word) => word.trim().toLowerCase()) : Array.isArray(value) ? value : [undefined];
  if (!list.every((word): word is string => known.some((name) => name === word)))
    throw unsupported(key, value, `any of ${known.join(", ")}`);
  return [...new Set(list)];
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
