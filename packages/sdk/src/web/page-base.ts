import { type Base, checkpointBase, onnxBase } from "@graft/architectures";
import { type Digest, sha256 } from "@graft/digest";
import { GraftError } from "@graft/error";
import {
  checkVersions,
  cloneModel,
  dataTypeName,
  decodeModel,
  externalLocation,
  externalTensor,
  lowerFused,
  type ModelProto,
  modelWeights,
} from "@graft/onnx";
import { checkVocabulary, createTokenizer, type Tokenizer } from "@graft/runtime";
import { bytesSource, readHeader } from "@graft/safetensors";

/** Reads files at addresses; undefined for one that is not there. */
export interface PageReader {
  find(url: string): Promise<Uint8Array | undefined>;
}

/** A base in the memory of a page. */
export interface PageBase {
  readonly base: Base;
  /** The graph, its weights in `files`. */
  readonly model: ModelProto;
  /** Bytes of weight files by the location that the graph gives them. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly tokenizer?: Tokenizer;
  readonly tokenizerDigest?: Digest;
  /** Digest of a weight file by its address. */
  readonly hashFile: (path: string) => Promise<Digest>;
}

type Place = Pick<PageBase, "files" | "model"> & { readonly parts: Omit<Base, "name" | "folder" | "files" | "tokenizerFile"> };

/** Smaller tensors stay in the graph: shapes and constants are read while it is loaded. */
const SMALL = 1024;

/** Opens a base at an address: the folder of a checkpoint, or an ONNX file. BASE_INVALID, and the codes of opening it in Node. */
export async function openPageBase(
  address: string,
  reader: PageReader,
  options: { readonly tokenizer?: string | undefined; readonly allowMerged?: boolean | undefined },
): Promise<PageBase> {
  const isGraph = new URL(address).pathname.toLowerCase().endsWith(".onnx");
  const folder = isGraph ? new URL(".", address).href : withSlash(address);
  const { parts, model, files } = isGraph ? await openGraph(address, folder, reader) : await openFolder(folder, reader);
  const tokenizer = await openTokenizer(options.tokenizer ?? new URL("tokenizer.json", folder).href, reader);
  if (tokenizer !== undefined && parts.vocabSize !== undefined) checkVocabulary(tokenizer.tokenizer, parts.vocabSize);
  const bytesAt = new Map(Object.entries(files).map(([location, bytes]) => [new URL(location, folder).href, bytes]));
  return {
    base: { ...parts, name: nameOf(address), folder: "", files: [...bytesAt.keys()] },
    model,
    files,
    ...(tokenizer === undefined ? {} : { tokenizer: tokenizer.tokenizer, tokenizerDigest: tokenizer.digest }),
    hashFile: async (path) => sha256(bytesAt.get(path) ?? new Uint8Array()),
  };
}

async function openFolder(folder: string, reader: PageReader): Promise<Place> {
  const config = await readJson(new URL("config.json", folder).href, reader);
  const locations = await weightFiles(folder, reader);
  const files: Record<string, Uint8Array> = {};
  for (const location of locations) {
    const bytes = await reader.find(new URL(location, folder).href);
    if (bytes !== undefined) files[location] = bytes;
  }
  if (config === undefined || Object.keys(files).length < locations.length) {
    throw new GraftError(
      "BASE_INVALID",
      `Cannot open the base at ${folder}: it has no ${config === undefined ? "config.json" : "model.safetensors"}`,
      {
        hint: "Serve the folder of a checkpoint, a folder that graft bundle wrote, or an ONNX file",
      },
    );
  }
  const parts = checkpointBase(config, {
    files: await Promise.all(
      Object.entries(files).map(async ([location, bytes]) => ({ location, header: await readHeader(bytesSource(bytes)) })),
    ),
    preprocessor: await readJson(new URL("preprocessor_config.json", folder).href, reader),
    open: async (location) => bytesSource(files[location] ?? new Uint8Array()),
  });
  return { parts, model: parts.model, files };
}

async function weightFiles(folder: string, reader: PageReader): Promise<string[]> {
  const index = await readJson(new URL("model.safetensors.index.json", folder).href, reader);
  const map = index?.["weight_map"];
  if (map === null || typeof map !== "object") return ["model.safetensors"];
  const names = [...new Set(Object.values(map as Record<string, unknown>))].filter((name): name is string => typeof name === "string");
  const wrong = names.find((name) => !/^[\w.-]+$/.test(name));
  if (wrong === undefined) return names;
  throw new GraftError(
    "BASE_INVALID",
    `Cannot open the base at ${folder}: its index names the file ${JSON.stringify(wrong.slice(0, 100))}`,
  );
}

async function openGraph(address: string, folder: string, reader: PageReader): Promise<Place> {
  const bytes = await reader.find(address);
  if (bytes === undefined) throw new GraftError("BASE_INVALID", `Cannot open the base at ${address}: there is no such file`);
  const decoded = decodeModel(bytes);
  checkVersions(decoded);
  const files: Record<string, Uint8Array> = {};
  for (const tensor of decoded.graph?.initializer ?? []) {
    const location = externalLocation(tensor)?.location;
    if (location === undefined || files[location] !== undefined) continue;
    const found = await reader.find(new URL(location, folder).href);
    if (found === undefined) throw new GraftError("BASE_INVALID", `Cannot open the base at ${address}: "${location}" is not beside it`);
    files[location] = found;
  }
  const weights = modelWeights(decoded, async (location) => bytesSource(files[location] ?? new Uint8Array()));
  await lowerFused(decoded, weights);
  const parts = onnxBase(address, {
    model: decoded,
    weights,
    config:
      (await readJson(new URL("config.json", folder).href, reader)) ?? (await readJson(new URL("../config.json", folder).href, reader)),
  });
  const own = new URL(address).pathname.split("/").at(-1) ?? "model.onnx";
  return { parts, model: referToFile(decoded, { bytes, location: own }), files: { ...files, [own]: bytes } };
}

/** The graph with the weights that stand in its file as references into that file: a changed graph is small then. */
function referToFile(model: ModelProto, { bytes, location }: { bytes: Uint8Array; location: string }): ModelProto {
  const small = cloneModel(model);
  const initializers = small.graph?.initializer ?? [];
  for (const [index, tensor] of initializers.entries()) {
    const { rawData } = tensor;
    if (rawData.byteLength < SMALL || rawData.buffer !== bytes.buffer) continue;
    initializers[index] = externalTensor(tensor.name, {
      type: dataTypeName(tensor.dataType),
      dims: tensor.dims.map(Number),
      location,
      offset: rawData.byteOffset - bytes.byteOffset,
      length: rawData.byteLength,
    });
  }
  return small;
}

async function openTokenizer(address: string, reader: PageReader): Promise<{ tokenizer: Tokenizer; digest: Digest } | undefined> {
  const bytes = await reader.find(address);
  if (bytes === undefined) return undefined;
  const config = await readJson(new URL("tokenizer_config.json", address).href, reader);
  return { tokenizer: createTokenizer(parse(bytes, address), config), digest: await sha256(bytes) };
}

async function readJson(address: string, reader: PageReader): Promise<Record<string, unknown> | undefined> {
  const bytes = await reader.find(address);
  return bytes === undefined ? undefined : (parse(bytes, address) as Record<string, unknown>);
}

function parse(bytes: Uint8Array, address: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new GraftError("BASE_INVALID", `Cannot read ${address}: it is no JSON`, { cause });
  }
}

function withSlash(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}

function nameOf(address: string): string {
  const parts = new URL(address).pathname.split("/").filter((part) => part !== "");
  return decodeURIComponent((parts.at(-1) ?? "base").replace(/\.onnx$/i, ""));
}
