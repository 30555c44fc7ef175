import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeModel, inferShapes, type ModelProto } from "@graft/onnx";
import { runReferee } from "../../../../test/referee.ts";

/** What the referee says of one model. */
interface Verdict {
  readonly error?: string;
  readonly values?: Readonly<Record<string, readonly [number, readonly (number | string | null)[] | null] | null>>;
}

/** Runs onnx.shape_inference, strict and following data, on all models at once. */
export function refereeShapes(models: Readonly<Record<string, ModelProto>>): Record<string, Verdict> {
  const program = readFileSync(join(import.meta.dirname, "infer_shapes.py"), "utf8");
  const input = Object.fromEntries(
    Object.entries(models).map(([name, model]) => [name, Buffer.from(encodeModel(model)).toString("base64")]),
  );
  return JSON.parse(runReferee(program, JSON.stringify(input)).toString()) as Record<string, Verdict>;
}

/** Where we know less than the referee, or something else. Symbols of the referee's own making count as unknown. */
export function disagreements(model: ModelProto, verdict: Verdict): string[] {
  const ours = inferShapes(model);
  const symbols = new Set(
    (model.graph?.input ?? []).flatMap((value) =>
      value.type?.value.case === "tensorType" ? (value.type.value.value.shape?.dim ?? []).map((dim) => dim.value.value) : [],
    ),
  );
  return Object.entries(verdict.values ?? {}).flatMap(([name, theirs]) => {
    const own = ours.get(name);
    if (theirs === null) return [];
    const [type, dims] = theirs;
    const said = `${name}: ${own?.type} [${own?.shape?.join(", ")}], referee ${type} [${dims?.join(", ")}]`;
    if (type !== 0 && own?.type !== type) return [said];
    if (dims === null) return [];
    const same =
      own?.shape?.length === dims.length &&
      dims.every((dim, axis) => dim === own.shape?.[axis] || dim === null || (typeof dim === "string" && !symbols.has(dim)));
    return same ? [] : [said];
  });
}
