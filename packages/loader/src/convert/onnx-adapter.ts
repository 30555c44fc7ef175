import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Base } from "@graft/architectures";
import { referToFiles } from "@graft/architectures/node";
import { GraftError, restate } from "@graft/error";
import { fileError, writeFilesWhole, writeFileWhole } from "@graft/files";
import { type Adapter, decodeOnnxAdapter, encodeOnnxAdapter, type ImportedAdapter, importOnnxAdapter } from "@graft/format";
import { type Attached, attachAdapters, neutralSlot } from "@graft/methods";
import { floatTensor, type TensorProto } from "@graft/onnx";
import { fromFloat32, type Tensor } from "@graft/safetensors";
import { attachedFeeds } from "../attached-feeds.ts";
import type { FittedAdapter } from "../engine.ts";
import { BaseIdentity } from "../base-identity.ts";
import { checkFit } from "../fit.ts";
import { writeMergedFiles } from "../merged-files.ts";
import { fileDigest } from "../read-file.ts";
import { refuseExisting, takenNames } from "../write-merged.ts";
import type { WrittenFile } from "../written-model.ts";
import { convertBase } from "./convert-base.ts";
import type { ImportOptions } from "./import-adapter.ts";

/** What was written for ONNX Runtime's own way of running adapters. */
export interface WrittenOnnxAdapter {
  readonly parameters: readonly string[];
  /** Files of the graph that takes the adapter, where one was asked for. */
  readonly graph: readonly WrittenFile[];
}

/**
 * Writes an adapter as ONNX Runtime's `.onnx_adapter`: values by the names of the inputs that the attached graph has, the scale folded
 * into B. `graph` is where that graph goes, whose inputs are optional and add nothing by themselves. Codes of checkFit; USAGE.
 */
export async function writeOnnxAdapter(
  adapter: Adapter,
  path: string,
  options: { readonly base: Base; readonly graph?: string | undefined; readonly overwrite?: boolean },
): Promise<WrittenOnnxAdapter> {
  const { base, graph, overwrite = false } = options;
  const whole = adapter.manifest.tensors.find(({ role }) => role === "replacement");
  if (whole !== undefined) {
    throw new GraftError("USAGE", `Cannot write "${path}": the adapter replaces "${whole.module}", and a .onnx_adapter holds inputs only`, {
      hint: "Merge it instead",
    });
  }
  const { matches } = await checkFit(new BaseIdentity(base, { hashFile: fileDigest }), adapter.manifest, { name: basename(path) });
  const fitted: FittedAdapter = { name: basename(path), adapter, matches };
  const attached = attachAdapters({ model: await referToFiles(base), hiddenSize: base.hiddenSize }, [
    { manifest: adapter.manifest, matches },
  ]);
  const feeds = await attachedFeeds(attached, fitted, base.weights);
  const parameters = new Map(
    Object.entries(feeds).map(([name, { dims, data }]): [string, Tensor] => [
      name,
      { dtype: "F32", shape: [...dims], data: fromFloat32("F32", data as Float32Array) },
    ]),
  );
  const files: WrittenFile[] = [];
  if (graph !== undefined) {
    const taken = await takenNames(base, dirname(resolve(graph)));
    await refuseExisting(resolve(graph), { base, overwrite });
    await writeFilesWhole(
      graph,
      async (temporary) => {
        const names = { graph: basename(graph), side: "" };
        const model = withDefaults(attached);
        files.push(
          ...(await writeMergedFiles(base, {
            merged: { model, tensors: [], output: "", rounded: [] },
            digest: "",
            folder: temporary,
            names,
            taken,
          })),
        );
      },
      { overwrite },
    );
  }
  await writeFileWhole(path, encodeOnnxAdapter({ adapterVersion: 1, modelVersion: 1, parameters }), { overwrite });
  return { parameters: [...parameters.keys()], graph: files };
}

/** The graph whose adapter inputs have values of their own that change nothing: other runtimes than Node's then run it without an adapter. */
function withDefaults({ model, targets, heads }: Attached): Attached["model"] {
  const defaults: TensorProto[] = [];
  for (const one of targets) {
    for (const [slot, name] of Object.entries(one.inputs) as [keyof typeof one.inputs, string][]) {
      const { shape, values } = neutralSlot(one, slot);
      defaults.push(floatTensor(name, shape, values));
    }
  }
  for (const { layers, width } of heads) {
    for (const [index, { weight, bias }] of layers.entries()) {
      const inputs = index === 0 ? width : 1;
      defaults.push(floatTensor(weight, [1, inputs], new Float32Array(inputs)));
      if (bias !== undefined) defaults.push(floatTensor(bias, [1], new Float32Array(1)));
    }
  }
  model.graph?.initializer.push(...defaults);
  return model;
}

/** Converts a `.onnx_adapter`. FILE_NOT_FOUND, CONVERT_INVALID, CONVERT_UNSUPPORTED, BASE_MISMATCH, NOT_FINITE, USAGE. */
export async function importOnnxAdapterFile(path: string, { base, labels, writer }: ImportOptions): Promise<ImportedAdapter> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError(cause, `import "${path}"`);
  });
  try {
    return importOnnxAdapter(decodeOnnxAdapter(bytes), await convertBase(base, { labels }), { writer });
  } catch (cause) {
    throw restate(cause, `import "${path}"`, "The file is damaged or was cut off: fetch it again");
  }
}
