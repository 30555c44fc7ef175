import { GraftError, isGraftError } from "@graft/error";
import { KeyList, Resolutions, routePath, splitName, VersionProof, VersionRecord } from "@graft/protocol";
import {
  checkVersion,
  consistencyProof,
  firstKeys,
  followRotations,
  fromBase64,
  HEAD_LIFETIME,
  inclusionProof,
  isConsistent,
  keyChanged,
  openHead,
  type SignedHead,
  toBase64,
  verifyStatement,
} from "@graft/trust";
import { given } from "../records.ts";
import { HeldVersion, MirrorTrust, readDocument, View } from "./mirror-documents.ts";
import type { MirrorStore } from "./mirror-store.ts";
import { mirrorTiles } from "./mirror-tiles.ts";
import { type FetchUpstream, upstreamJson } from "./upstream.ts";

/** What a mirror is made of. */
export interface MirrorOptions {
  readonly store: MirrorStore;
  readonly fetchUpstream: FetchUpstream;
  readonly clock?: (() => number) | undefined;
  /** Milliseconds after which what is shown is asked for again. */
  readonly refreshAfter?: number | undefined;
  /** Takes the bytes of a version in. */
  readonly fetchBytes?: ((record: VersionRecord) => Promise<void>) | undefined;
}

/** Answers that a mirror keeps its view of. */
const MOST_ASKED = 1_000;

/** Sizes that clients may remember. */
const MOST_SHOWN = 64;

/** A head whose signature and history hold. */
interface CheckedHead {
  readonly text: string;
  readonly head: SignedHead;
  readonly trust: MirrorTrust;
}

/** What was asked for. */
interface Question {
  readonly name: string;
  readonly wanted: string;
}

/**
 * One view of an upstream registry: everything under one tree head, checked as a client checks it before it is kept. While upstream is away,
 * the view stays as it is, and whoever asks sees how old it is.
 */
export class Mirror {
  readonly #store: MirrorStore;
  readonly #fetchUpstream: FetchUpstream;
  readonly #clock: () => number;
  readonly #refreshAfter: number;
  readonly #fetchBytes: MirrorOptions["fetchBytes"];
  readonly #tiles: ReturnType<typeof mirrorTiles>;
  #queue: Promise<unknown> = Promise.resolve();

  constructor({ store, fetchUpstream, clock = Date.now, refreshAfter = 60_000, fetchBytes }: MirrorOptions) {
    this.#store = store;
    this.#fetchUpstream = fetchUpstream;
    this.#clock = clock;
    this.#refreshAfter = refreshAfter;
    this.#fetchBytes = fetchBytes;
    this.#tiles = mirrorTiles({ store, fetchUpstream });
  }

  /** What a tag or range stands for in the view, after taking it in if it is new or the view is old. */
  async resolve(question: Question): Promise<VersionRecord> {
    const work = this.#queue.then(async () => {
      const view = await this.view();
      const found = view && answerTo(view, question);
      if (view !== undefined && found !== undefined && this.#clock() - view.time < this.#refreshAfter) return found;
      try {
        return answerTo(await this.#refresh(question, view), question);
      } catch (cause) {
        this.#tiles.forget();
        // Away is no reason not to show what is held; anything that fails to verify is.
        if (found !== undefined && isGraftError(cause) && cause.detail?.["away"] === true) return found;
        throw cause;
      }
    });
    this.#queue = work.catch(() => undefined);
    const resolution = await work;
    if (resolution === undefined)
      throw new GraftError("NOT_FOUND", `Cannot find ${question.name}@${question.wanted}: the registry has no such version`);
    return (await this.held(question.name, resolution.statement.version)).record;
  }

  /** Proves a version under the head of the view. NOT_FOUND when it is not held. */
  async prove(
    name: string,
    version: string,
    { wanted, since }: { wanted?: string | undefined; since?: number | undefined },
  ): Promise<VersionProof> {
    const view = await this.view();
    const { entry } = await this.held(name, version);
    if (view === undefined) throw notHeld(name, version);
    const resolution = wanted === undefined ? undefined : answerTo(view, { name, wanted });
    const read = this.#tiles.read(view.size);
    const isOlder = since !== undefined && since <= view.size;
    return {
      checkpoint: view.checkpoint,
      ...(isOlder ? { consistency: { from: since, hashes: (await consistencyProof(since, view.size, read)).map(toBase64) } } : {}),
      entry,
      inclusion: (await inclusionProof(entry.position, view.size, read)).map(toBase64),
      ...given({ resolution }),
    };
  }

  /** A version that is held. NOT_FOUND. */
  async held(name: string, version: string): Promise<HeldVersion> {
    const held = await readDocument(this.#store, heldKey(name, version), HeldVersion);
    if (held === undefined) throw notHeld(name, version);
    return held;
  }

  /** What is shown; undefined before anything was pulled. */
  view(): Promise<View | undefined> {
    return readDocument(this.#store, "view", View);
  }

  /** Upstream's keys as they were checked last. */
  async keys(): Promise<KeyList> {
    return (await this.#trust()).list;
  }

  /** Whether a version that is held has these bytes. */
  async holds(digest: string): Promise<number | undefined> {
    const size = await this.#store.read(`digest/${digest}`);
    return size === undefined ? undefined : Number(size);
  }

  /** Checks everything that is held once more, by itself: an archive comes from anywhere. Its age is for the clients to judge. */
  async audit(): Promise<void> {
    const view = await this.view();
    const trust = await readDocument(this.#store, "trust", MirrorTrust);
    const oldest = trust?.list.keys.at(-1);
    if (view === undefined || trust === undefined || oldest === undefined)
      throw new GraftError("LOG_INVALID", "Cannot check what is held: it has no view or no keys");
    const keys = await followRotations(firstKeys(oldest), trust.list.rotations);
    const head = await openHead(view.checkpoint, [keys.current]);
    if (head.origin !== keys.origin || head.size !== view.size || head.time !== view.time)
      throw new GraftError("LOG_INVALID", "Cannot check what is held: its view is not what the tree head says");
    for (const { name, wanted, resolution } of view.asked) {
      const { version } = resolution.statement;
      const { record } = await this.held(name, version);
      const checks = { keys, now: head.time, lifetime: HEAD_LIFETIME, name, wanted };
      await checkVersion(record, await this.prove(name, version, { wanted }), checks);
      for (const { digest, size } of [record, ...record.files])
        if ((await this.holds(digest)) !== size)
          throw new GraftError("LOG_INVALID", `Cannot check what is held: the size of ${digest} is not the one of its version`);
    }
  }

  /** Refuses another's state that is of another registry, or older than this one's. KEY_CHANGED, LOG_SHRUNK, LOG_FORKED. */
  async refuseOlderThan(other: Mirror): Promise<void> {
    const [own, their] = await Promise.all([this, other].map((mirror) => readDocument(mirror.#store, "trust", MirrorTrust)));
    const view = await other.view();
    if (own === undefined || their === undefined || view === undefined) return;
    const keys = await followRotations(own.keys, their.list.rotations);
    if (keys.origin !== their.keys.origin || keys.current.id !== their.keys.current.id)
      throw keyChanged(own.keys, "what is taken in is of another registry");
    if (own.head === undefined) return;
    if (view.size < own.head.size)
      throw new GraftError("LOG_SHRUNK", `Cannot take in a log of ${view.size} entries: ${own.head.size} are known`, {
        hint: "Take in a newer one",
      });
    const proof =
      view.size === own.head.size
        ? []
        : await consistencyProof(own.head.size, view.size, this.#tiles.read(view.size)).catch(() => undefined);
    // An archive has the hashes of its own adapters only; without those in between, keys and sizes are what can be compared.
    if (proof === undefined) return;
    const head = await openHead(view.checkpoint, [keys.current]);
    if (!(await isConsistent({ size: own.head.size, root: fromBase64(own.head.root) }, head, proof)))
      throw new GraftError("LOG_FORKED", "Cannot take in a log that does not go on from the one that is known");
  }

  async #refresh(question: Question, view: View | undefined): Promise<View> {
    const others = (view?.asked ?? []).filter(({ name, wanted }) => name !== question.name || wanted !== question.wanted);
    const asked = [question, ...others.map(({ name, wanted }) => ({ name, wanted }))].slice(0, MOST_ASKED);
    const answer = await upstreamJson(this.#fetchUpstream, routePath("resolveAll", {}), { schema: Resolutions, body: { asked } });
    const checked = await this.#checkHead(answer.checkpoint);
    const { head, trust } = checked;
    const found: View["asked"] = [];
    for (const [index, resolution] of answer.resolutions.entries()) {
      const one = asked[index];
      if (resolution === null || one === undefined) continue;
      const { statement, signatures } = resolution;
      await verifyStatement(statement, { signatures, keys: [trust.keys.current] });
      if (statement.name !== one.name || statement.wanted !== one.wanted || statement.size !== head.size)
        throw new GraftError("TAG_REPLAYED", `Cannot mirror ${one.name}@${one.wanted}: upstream answers for another head or name`);
      await this.#take({ name: one.name, version: statement.version }, { ...checked, afresh: one === question });
      found.push({ ...one, resolution });
    }
    const next: View = {
      checkpoint: answer.checkpoint,
      size: head.size,
      time: head.time,
      asked: found,
      shown: [...new Set([head.size, ...(view?.shown ?? [])])].slice(0, MOST_SHOWN),
    };
    // Hashes that clients will need while upstream is away are taken in now.
    for (const size of next.shown) await consistencyProof(size, head.size, this.#tiles.read(head.size));
    await this.#tiles.keep();
    await this.#store.write("trust", JSON.stringify({ ...trust, head: { size: head.size, root: toBase64(head.root) } }));
    await this.#store.write("view", JSON.stringify(next));
    return next;
  }

  /** Takes a version in: its record and its place in the log, checked under the new head. */
  async #take(
    { name, version }: { readonly name: string; readonly version: string },
    { head, text, trust, afresh }: CheckedHead & { readonly afresh: boolean },
  ): Promise<void> {
    const known = await readDocument(this.#store, heldKey(name, version), HeldVersion);
    const path = { ...splitName(name), version };
    const record =
      known !== undefined && !afresh
        ? known.record
        : await upstreamJson(this.#fetchUpstream, routePath("getVersion", path), { schema: VersionRecord });
    const entry =
      known?.entry ?? (await upstreamJson(this.#fetchUpstream, routePath("proveVersion", path), { schema: VersionProof })).entry;
    const inclusion = (await inclusionProof(entry.position, head.size, this.#tiles.read(head.size))).map(toBase64);
    const checks = { keys: trust.keys, now: this.#clock(), lifetime: HEAD_LIFETIME, name };
    await checkVersion(record, { checkpoint: text, entry, inclusion }, checks);
    if (record.version !== version)
      throw new GraftError("NAME_MISMATCH", `Cannot mirror ${name}@${version}: upstream gives ${record.version}`);
    // The bytes of what a known tag or range came to stand for: nobody may ask for them while upstream is there.
    if (known === undefined && !afresh) await this.#fetchBytes?.(record);
    await this.#store.write(heldKey(name, version), JSON.stringify({ record, entry }));
    for (const { digest, size } of [record, ...record.files]) await this.#store.write(`digest/${digest}`, String(size));
  }

  /** Checks a head against the keys and the tree that are known. */
  async #checkHead(text: string): Promise<CheckedHead> {
    let trust = await this.#trust();
    const head = await openHead(text, [trust.keys.current]).catch(async (cause: unknown) => {
      const list = await upstreamJson(this.#fetchUpstream, routePath("listKeys", {}), { schema: KeyList });
      const keys = await followRotations(trust.keys, list.rotations);
      if (keys.number === trust.keys.number) throw cause;
      trust = { ...trust, keys: { ...keys, retired: [...keys.retired] }, list };
      return openHead(text, [keys.current]);
    });
    if (trust.head !== undefined) {
      if (head.size < trust.head.size)
        throw new GraftError("LOG_SHRUNK", `Cannot mirror the registry: its log has ${head.size} entries, and had ${trust.head.size}`);
      const proof = await consistencyProof(trust.head.size, head.size, this.#tiles.read(head.size));
      if (!(await isConsistent({ size: trust.head.size, root: fromBase64(trust.head.root) }, head, proof)))
        throw new GraftError("LOG_FORKED", "Cannot mirror the registry: its log does not go on from the one that was seen before");
    }
    return { text, head, trust };
  }

  async #trust(): Promise<MirrorTrust> {
    const known = await readDocument(this.#store, "trust", MirrorTrust);
    if (known !== undefined) return known;
    const list = await upstreamJson(this.#fetchUpstream, routePath("listKeys", {}), { schema: KeyList });
    const first = list.keys.at(-1);
    if (first === undefined) throw new GraftError("SIGNATURE_INVALID", "Cannot mirror the registry: it has no key");
    const keys = await followRotations(firstKeys(first), list.rotations);
    if (keys.current.id !== list.keys[0]?.id) throw keyChanged(keys, "no chain of changes leads to the key that it shows");
    const trust: MirrorTrust = { keys: { ...keys, retired: [...keys.retired] }, list };
    await this.#store.write("trust", JSON.stringify(trust));
    return trust;
  }
}

function answerTo(view: View, { name, wanted }: Question): View["asked"][number]["resolution"] | undefined {
  return view.asked.find((one) => one.name === name && one.wanted === wanted)?.resolution;
}

function heldKey(name: string, version: string): string {
  return `version/${name}@${version}`;
}

function notHeld(name: string, version: string): GraftError {
  return new GraftError("NOT_FOUND", `Cannot find ${name}@${version}: the mirror does not hold it`, {
    hint: "Ask for it by its name first",
  });
}
