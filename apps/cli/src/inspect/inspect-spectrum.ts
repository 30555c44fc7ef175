import { openBase } from "@graft/architectures/node";
import { GraftError, restate } from "@graft/error";
import { type Adapter, openAdapter } from "@graft/format";
import { adapterSpectrum, type ManifestTarget, matchTargets, spectrumPicture, type TargetSpectrum } from "@graft/methods";
import { digestMatrix, floatValues, type Matrix } from "@graft/onnx";
import { fileSource } from "@graft/safetensors/node";
import { locateBase } from "../local-bases.ts";
import { type Inspection, printable } from "./inspection.ts";

/** Says what an adapter learned: its spectra, against the base and another adapter where they are given. BASE_MISMATCH, and codes of opening them. */
export async function inspectSpectrum(
  path: string,
  options: { readonly base?: string | undefined; readonly against?: string | undefined },
): Promise<Inspection> {
  await using adapter = await open(path);
  await using other = options.against === undefined ? undefined : await open(options.against);
  const { method, targets } = adapter.value.manifest;
  const weight = options.base === undefined ? undefined : await baseWeights(options.base, targets);
  const spectra = await adapterSpectrum(adapter.value, {
    ...(weight === undefined ? {} : { weight }),
    ...(other === undefined ? {} : { against: other.value }),
  });
  if (spectra.length === 0) {
    throw new GraftError("USAGE", `Cannot show the spectrum of "${path}": the method "${method.name}" has no deltas of low rank`, {
      hint: "Pass an adapter that was trained with lora or dora",
    });
  }
  const shared = spectra.filter(({ similarity }) => similarity !== undefined);
  if (other !== undefined && shared.length === 0) {
    throw new GraftError("USAGE", `Cannot compare "${path}" with "${options.against}": they have no target in common`, {
      hint: "Pass an adapter that was trained on the same base",
    });
  }
  const ranks = spectra.reduce((sum, { rank }) => sum + rank, 0);
  const used = spectra.reduce((sum, { rank99 }) => sum + rank99, 0);
  return {
    kind: "adapter",
    facts: [
      ["method", method.name],
      ["targets", String(spectra.length)],
      ["rank in use", `${used} of ${ranks} directions hold 99 % of each delta, a mean effective rank of ${mean(spectra).toFixed(1)}`],
    ],
    tables: [table(spectra)],
    warnings: [],
    document: { method: method.name, spectra },
    picture: spectrumPicture(spectra),
  };
}

function mean(spectra: readonly TargetSpectrum[]): number {
  return spectra.reduce((sum, { effectiveRank }) => sum + effectiveRank, 0) / spectra.length;
}

function table(spectra: readonly TargetSpectrum[]): Inspection["tables"][number] {
  const [amplified, similar] = [spectra.some((one) => one.amplification), spectra.some((one) => one.similarity)];
  const head = ["target", "rank", "effective", "90 %", "99 %", "‖ΔW‖", "σ₁", "σᵣ"];
  return {
    head: [...head, ...(amplified ? ["‖W‖", "amplified"] : []), ...(similar ? ["φ(1, 1)", "φ(r, r)"] : [])],
    rows: spectra.map(({ module, rank, effectiveRank, rank90, rank99, norm, singularValues, amplification, similarity }) => [
      printable(module),
      rank,
      effectiveRank.toFixed(1),
      rank90,
      rank99,
      ...[norm, singularValues[0] ?? 0, singularValues.at(-1) ?? 0].map((value) => value.toPrecision(3)),
      ...(amplified ? [amplification?.weightNorm.toPrecision(3) ?? "", `${amplification?.factor?.toPrecision(3) ?? "–"} ×`] : []),
      ...(similar ? [similarity?.[0]?.[0]?.toFixed(2) ?? "–", similarity?.at(-1)?.at(-1)?.toFixed(2) ?? "–"] : []),
    ]),
  };
}

async function open(path: string): Promise<{ value: Adapter; [Symbol.asyncDispose](): Promise<void> }> {
  try {
    const value = await openAdapter(await fileSource(path));
    return { value, [Symbol.asyncDispose]: () => value.close() };
  } catch (cause) {
    throw restate(cause, `inspect "${path}"`, "Pass the file that graft train wrote, or pull it again");
  }
}

/** The base's matrices by target, each read when it is asked for. */
async function baseWeights(
  path: string,
  targets: readonly ManifestTarget[],
): Promise<(target: ManifestTarget) => Promise<Float32Array | undefined>> {
  const { model, weights } = await openBase(await locateBase(path));
  const sizeOf = ({ tensor }: Matrix): { rows: number; columns: number } => {
    const [rows = 1, ...rest] = tensor.dims.map(Number);
    return { rows, columns: rest.reduce((product, size) => product * size, 1) };
  };
  const { matches, differing } = await matchTargets(model, targets, async (matrix) =>
    digestMatrix(await floatValues(matrix.tensor, weights), sizeOf(matrix)),
  );
  if (differing.length > 0) {
    throw new GraftError(
      "BASE_MISMATCH",
      `Cannot compare with "${path}": ${differing.length} of ${targets.length} targets have other weights`,
      { hint: "Use the base it was trained on", detail: { differing } },
    );
  }
  const found = new Map(matches.map(({ target, uses }) => [target.module, uses[0]]));
  return async ({ module }) => {
    const matrix = found.get(module);
    if (matrix === undefined) return undefined;
    const values = await floatValues(matrix.tensor, weights);
    if (matrix.orientation === "out_in") return values;
    const { rows, columns } = sizeOf(matrix);
    const turned = new Float32Array(values.length);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column] as number;
    return turned;
  };
}
