import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashFile } from "@graft/digest/node";
import { isGraftError } from "@graft/error";
import { fileError } from "@graft/files";
import {
  checkVersions,
  dataTypeName,
  decodeModel,
  externalLocation,
  matrices,
  type Matrix,
  type ModelProto,
  type ValueInfoProto,
} from "@graft/onnx";
import { formatBytes } from "@graft/terminal";
import { elements, printable, tally, type Inspection, type Warning } from "./inspection.ts";

/** Inspects an ONNX file; its external weights are not read. ONNX_INVALID. */
export async function inspectOnnx(path: string): Promise<Inspection> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError(cause, `inspect "${path}"`);
  });
  const model = decodeModel(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const { facts, document, ...rest } = await inspectModel(model, dirname(path));
  const { digest, size } = await hashFile(path);
  return { ...rest, facts: [["size", formatBytes(size)], ["digest", digest], ...facts], document: { size, digest, ...document } };
}

/** Describes a model whose external weights lie in `folder`. */
export async function inspectModel(model: ModelProto, folder: string): Promise<Inspection> {
  const { graph, irVersion, opsetImport, producerName, producerVersion, metadataProps } = model;
  const initializers = graph?.initializer ?? [];
  const names = new Set(initializers.map(({ name }) => name));
  const inputs = (graph?.input ?? []).filter(({ name }) => !names.has(name)).map(describeValue);
  const outputs = (graph?.output ?? []).map(describeValue);
  const opsets = opsetImport.map(({ domain, version }) => ({ domain: domain === "" ? "ai.onnx" : domain, version: Number(version) }));
  const operators = (graph?.node ?? []).map(({ opType, domain }) => (domain === "" ? opType : `${domain}.${opType}`));
  const parameters = initializers.reduce((sum, { dims }) => sum + elements(dims.map(Number)), 0);
  const { found, warnings } = tryMatrices(model);
  const external = await externalFiles(model, folder);
  const missing = external.filter(({ size }) => size === undefined);
  return {
    kind: "onnx",
    facts: [
      ["IR", String(irVersion)],
      ["opset", opsets.map(({ domain, version }) => `${printable(domain)} ${version}`).join(", ")],
      ...(producerName === "" ? [] : [["producer", printable(`${producerName} ${producerVersion}`.trim())] as const]),
      ["inputs", inputs.map(({ name, type, shape }) => `${printable(name)} ${type} [${shape.join(", ")}]`).join(", ")],
      ["outputs", outputs.map(({ name, type, shape }) => `${printable(name)} ${type} [${shape.join(", ")}]`).join(", ")],
      ["operators", `${operators.length}: ${tally(operators)}`],
      ["initializers", `${initializers.length}: ${tally(initializers.map(({ dataType }) => dataTypeName(dataType)))}`],
      ["parameters", parameters.toLocaleString("en")],
      ...external.map(
        ({ location, size }) =>
          ["weights in", `${printable(location)}${size === undefined ? " (not there)" : `, ${formatBytes(size)}`}`] as const,
      ),
      ...metadataProps.map(({ key, value }) => [`metadata "${printable(key)}"`, printable(value)] as const),
    ],
    tables: [
      {
        head: ["matrix", "operator", "in", "out"],
        rows: found.map((matrix) => [printable(matrix.module), matrix.operator, matrix.in, matrix.out]),
      },
    ],
    warnings: [
      ...warnings,
      ...missing.map(({ location }) => ({ rule: "weights-missing", message: `the file "${location}" with weights is not there` })),
    ],
    document: {
      irVersion: Number(irVersion),
      opsets,
      producer: { name: producerName, version: producerVersion },
      inputs,
      outputs,
      operators: Object.fromEntries([...new Set(operators)].map((name) => [name, operators.filter((one) => one === name).length])),
      initializers: initializers.map(({ name, dataType, dims }) => ({ name, dtype: dataTypeName(dataType), shape: dims.map(Number) })),
      parameters,
      external,
      metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
      matrices: found.map((matrix) => ({
        module: matrix.module,
        initializer: matrix.initializer,
        operator: matrix.operator,
        orientation: matrix.orientation,
        in: matrix.in,
        out: matrix.out,
      })),
    },
  };
}

function describeValue({ name, type }: ValueInfoProto): { name: string; type: string; shape: (string | number)[] } {
  if (type?.value.case !== "tensorType") return { name, type: type?.value.case ?? "unknown", shape: [] };
  const { elemType, shape } = type.value.value;
  const dims = (shape?.dim ?? []).map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : value.case === "dimParam" ? value.value : "?",
  );
  return { name, type: dataTypeName(elemType), shape: dims };
}

/** What Graft would refuse of a model that its format accepts is a warning here. */
function tryMatrices(model: ModelProto): { found: Matrix[]; warnings: Warning[] } {
  const attempt = <T>(work: () => T, otherwise: T): { value: T; warnings: Warning[] } => {
    try {
      return { value: work(), warnings: [] };
    } catch (cause) {
      if (!isGraftError(cause)) throw cause;
      return { value: otherwise, warnings: [{ rule: cause.code, message: cause.message }] };
    }
  };
  const versions = attempt(() => checkVersions(model), undefined);
  const found = attempt(() => matrices(model), []);
  return { found: found.value, warnings: [...versions.warnings, ...found.warnings] };
}

async function externalFiles(model: ModelProto, folder: string): Promise<{ location: string; size?: number }[]> {
  const locations = new Set((model.graph?.initializer ?? []).flatMap((tensor) => externalLocation(tensor)?.location ?? []));
  return Promise.all(
    [...locations].map(async (location) => {
      const size = await stat(join(folder, location)).then(
        (facts) => facts.size,
        () => undefined,
      );
      return { location, ...(size === undefined ? {} : { size }) };
    }),
  );
}
