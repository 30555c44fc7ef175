import { createHasher, formatDigest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { floatValue, type Feeds } from "@graft/runtime";
import { type ByteSource, openSafetensors, type SafetensorsFile, safetensorsStream } from "@graft/safetensors";
import { z } from "zod";
import type { RunIdentity } from "./run-identity.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * A checkpoint is one safetensors file: `state/<name>` holds weights and slots, `best/<name>` the best weights so far, and the
 * entry `graft.checkpoint` of its metadata the rest as JSON. `graft.digest` is sha256 over that JSON and every tensor's bytes, in
 * the order of their names.
 */
const META = "graft.checkpoint";
const DIGEST = "graft.digest";

/** Numbers as text: a metric may be NaN, which JSON does not have. */
const Metrics = z.record(z.string(), z.string().transform(Number));
const Meta = z.strictObject({
  formatVersion: z.literal(1),
  step: z.int().nonnegative(),
  identity: z.record(z.string(), z.unknown()),
  loss: z.strictObject({ steps: z.int().nonnegative(), first: z.number(), running: z.number() }),
  evaluation: z.strictObject({ last: Metrics, best: Metrics.optional(), waited: z.int().nonnegative(), step: z.int().nonnegative() }),
});

/** The bytes of a snapshot's file. */
export async function encodeCheckpoint(snapshot: Snapshot): Promise<AsyncIterable<Uint8Array>> {
  const { step, identity, loss, state } = snapshot;
  const { best, last, waited, step: evaluatedAt } = snapshot.evaluation;
  const text = (metrics: Readonly<Record<string, number>>): Record<string, string> =>
    Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, String(value)]));
  const meta = JSON.stringify({
    formatVersion: 1,
    step,
    identity,
    loss,
    evaluation: { last: text(last), ...(best === undefined ? {} : { best: text(best.metrics) }), waited, step: evaluatedAt },
  });
  const entries = [...named("state", state), ...named("best", best?.weights ?? {})];
  const digest = await digestOf(
    meta,
    entries.map(({ name, data }) => [name, data]),
  );
  const stream = entries.map(({ name, shape, data }) => ({
    name,
    dtype: "F32" as const,
    shape,
    bytes: async function* () {
      yield data;
    },
  }));
  return safetensorsStream(
    stream,
    new Map([
      [META, meta],
      [DIGEST, digest],
    ]),
  );
}

/** Reads a snapshot and checks every byte of it. CHECKPOINT_INVALID. */
export async function decodeCheckpoint(source: ByteSource, name: string): Promise<Snapshot> {
  let file: SafetensorsFile | undefined;
  try {
    file = await openSafetensors(source);
    const { metadata, tensors } = file.header;
    const data = new Map<string, Uint8Array>();
    for (const key of tensors.keys()) data.set(key, await file.bytes(key));
    const text = metadata.get(META) ?? "";
    if (metadata.get(DIGEST) !== (await digestOf(text, [...data]))) throw new TypeError("its bytes do not have its digest");
    const meta = Meta.parse(JSON.parse(text));
    const values = (part: string): Feeds =>
      Object.fromEntries(
        [...tensors].flatMap(([key, { shape }]) => {
          const bytes = data.get(key);
          if (bytes === undefined || !key.startsWith(`${part}/`)) return [];
          return [[key.slice(part.length + 1), floatValue(shape, new Float32Array(bytes.slice().buffer))]];
        }),
      );
    const { best, ...evaluation } = meta.evaluation;
    return {
      identity: meta.identity as RunIdentity,
      step: meta.step,
      state: values("state"),
      loss: meta.loss,
      evaluation: { ...evaluation, ...(best === undefined ? {} : { best: { metrics: best, weights: values("best") } }) },
    };
  } catch (cause) {
    throw new GraftError(
      "CHECKPOINT_INVALID",
      `Cannot read the checkpoint "${name}": ${cause instanceof z.ZodError ? "its description is no checkpoint's" : (cause as Error).message}`,
      { cause, hint: "Delete the file, to go on from the one before it" },
    );
  } finally {
    await file?.close();
  }
}

function named(part: string, values: Feeds): { name: string; shape: readonly number[]; data: Uint8Array }[] {
  return Object.entries(values).map(([key, { dims, data }]) => ({
    name: `${part}/${key}`,
    shape: dims,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }));
}

async function digestOf(meta: string, entries: readonly (readonly [string, Uint8Array])[]): Promise<string> {
  const hasher = await createHasher();
  hasher.update(new TextEncoder().encode(meta));
  for (const [, data] of entries.toSorted(([left], [right]) => (left < right ? -1 : 1))) hasher.update(data);
  return formatDigest(hasher.digest());
}
