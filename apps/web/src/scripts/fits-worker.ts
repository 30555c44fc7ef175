import { createHasher, formatDigest } from "@graft/digest";
import { decodeModel, fingerprint, modelWeights, digestMatrix } from "@graft/onnx";
import { blobSource, openSafetensors, toFloat32 } from "@graft/safetensors";
import { answerAsWorker } from "./ask-worker.ts";

/** What is asked of the registry about a file: never its bytes. */
export interface FileIdentity {
  readonly fileDigest: string;
  readonly fingerprint?: string;
  readonly matrices: readonly string[];
}

const CHUNK = 8 * 2 ** 20;
type Tell = (share: number, stage: string) => void;

/** Reads a file once for its sha256, then its matrices for theirs. */
answerAsWorker<File, FileIdentity>(async (file, tell) => {
  const fileDigest = await hashBlob(file, tell);
  const identity = file.name.toLowerCase().endsWith(".onnx") ? await identifyOnnx(file, tell) : await identifySafetensors(file, tell);
  return { fileDigest, ...identity };
});

async function hashBlob(file: Blob, tell: Tell): Promise<string> {
  const hasher = await createHasher();
  for (let begin = 0; begin < file.size; begin += CHUNK) {
    hasher.update(new Uint8Array(await file.slice(begin, begin + CHUNK).arrayBuffer()));
    tell(begin / file.size, "Reading the file");
  }
  return formatDigest(hasher.digest());
}

async function identifyOnnx(file: File, tell: Tell): Promise<Omit<FileIdentity, "fileDigest">> {
  tell(0, "Looking for matrices");
  const model = decodeModel(new Uint8Array(await file.arrayBuffer()));
  const outside = async (location: string): Promise<never> => {
    throw new Error(
      `The weights of this model lie in another file, "${location}": drop that file if it is a .safetensors, or use graft find`,
    );
  };
  const found = await fingerprint(model, modelWeights(model, outside));
  return { fingerprint: found.fingerprint, matrices: found.matrices.map(({ digest }) => digest) };
}

/** A checkpoint without its config has no graph, so every tensor of two dimensions and more counts as a matrix. */
async function identifySafetensors(file: File, tell: Tell): Promise<Omit<FileIdentity, "fileDigest">> {
  const opened = await openSafetensors(blobSource(file));
  const candidates = [...opened.header.tensors].filter(([, { shape, dtype }]) => shape.length >= 2 && /^(B?F16|F32|F64)$/.test(dtype));
  const digests: string[] = [];
  for (const [index, [name]] of candidates.entries()) {
    tell(index / candidates.length, "Looking at matrices");
    const { dtype, shape, data } = await opened.tensor(name);
    const [rows = 1, ...rest] = shape;
    digests.push(await digestMatrix(toFloat32(dtype, data), { rows, columns: rest.reduce((product, size) => product * size, 1) }));
  }
  await opened.close();
  return { matrices: [...new Set(digests)] };
}
