import { hashFile } from "@graft/digest/node";
import { MANIFEST_KEY } from "@graft/format";
import { checkHeader, readHeader, type Header } from "@graft/safetensors";
import { fileSource } from "@graft/safetensors/node";
import { formatBytes } from "@graft/terminal";
import { inspectAdapter } from "./inspect-adapter.ts";
import { elements, printable, tally, type Inspection } from "./inspection.ts";

/** Inspects a safetensors file: only its header is held in memory. SAFETENSORS_INVALID as the reference implementation judges. */
export async function inspectSafetensors(path: string): Promise<Inspection> {
  const header = await readFileHeader(path);
  const { digest, size } = await hashFile(path);
  const tensors = [...header.tensors.values()].toSorted((left, right) => left.begin - right.begin);
  const parameters = tensors.reduce((sum, { shape }) => sum + elements(shape), 0);
  const plain: Inspection = {
    kind: "safetensors",
    facts: [
      ["size", formatBytes(size)],
      ["digest", digest],
      ["tensors", `${tensors.length}${tensors.length === 0 ? "" : `: ${tally(tensors.map(({ dtype }) => dtype))}`}`],
      ["parameters", parameters.toLocaleString("en")],
      ...[...header.metadata]
        .filter(([key]) => key !== MANIFEST_KEY)
        .map(([key, value]) => [`metadata "${printable(key)}"`, printable(value)] as const),
    ],
    tables: [
      {
        head: ["tensor", "dtype", "shape", "bytes"],
        rows: tensors.map(({ name, dtype, shape, begin, end }) => [printable(name), dtype, `[${shape.join(", ")}]`, end - begin]),
      },
    ],
    warnings: checkHeader(header).map(({ rule, message }) => ({ rule, message })),
    document: {
      size,
      digest,
      parameters,
      metadata: Object.fromEntries(header.metadata),
      tensors: tensors.map(({ name, dtype, shape, begin, end }) => ({ name, dtype, shape, bytes: end - begin })),
    },
  };
  return header.metadata.has(MANIFEST_KEY) ? inspectAdapter(path, plain) : plain;
}

async function readFileHeader(path: string): Promise<Header> {
  const source = await fileSource(path);
  try {
    return await readHeader(source);
  } finally {
    await source.close();
  }
}
