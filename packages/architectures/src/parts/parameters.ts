import type { Parameter } from "../family.ts";

/** Sizes of a dense layer. */
export interface LinearSize {
  readonly from: number;
  readonly to: number;
  /** False where the layer has no bias. */
  readonly bias?: boolean;
}

/** `weight` [to, from] and `bias` [to] of a dense layer. */
export function linear(module: string, { from, to, bias = true }: LinearSize): Parameter[] {
  return [
    { name: `${module}.weight`, shape: [to, from], kind: "matrix" },
    ...(bias ? [{ name: `${module}.bias`, shape: [to], kind: "bias" } as const] : []),
  ];
}

/** `weight` and `bias` [width] of a normalisation. */
export function norm(module: string, width: number): Parameter[] {
  return [
    { name: `${module}.weight`, shape: [width], kind: "scale" },
    { name: `${module}.bias`, shape: [width], kind: "bias" },
  ];
}

/** `weight` [rows, width] of an embedding. */
export function table(module: string, size: { rows: number; width: number }): Parameter {
  return { name: `${module}.weight`, shape: [size.rows, size.width], kind: "matrix" };
}

/** The same, for parameters that are carried along when the file has them. */
export function optional(parameters: readonly Parameter[]): Parameter[] {
  return parameters.map((parameter) => ({ ...parameter, optional: true }));
}
