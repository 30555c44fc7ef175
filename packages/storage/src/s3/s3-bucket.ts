import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { S3Address } from "./s3-address.ts";
import { s3Error, statusOf } from "./s3-error.ts";

/** An object in a list; `modified` in milliseconds since 1970. */
export interface S3Object {
  readonly key: string;
  readonly size: number;
  readonly modified: number;
}

/** A multipart upload that was begun. */
export interface S3Upload {
  readonly key: string;
  readonly id: string;
  readonly begun: number;
}

/** One part of a multipart upload, numbered from 1. */
export interface S3Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
}

/** The few things that Graft asks of a bucket. Keys are without the address's prefix. UNAVAILABLE when it does not answer or let us in. */
export interface S3Bucket {
  head(key: string): Promise<{ readonly size: number; readonly modified: number } | undefined>;
  /** Bytes from `begin` up to, not including, `end`; undefined when there is no object. */
  get(key: string, range: { readonly begin: number; readonly end: number }): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Whether it was written; false when `ifAbsent` and there is one. */
  put(key: string, bytes: Uint8Array, options?: { readonly ifAbsent?: boolean }): Promise<boolean>;
  copy(from: string, to: string): Promise<void>;
  remove(key: string): Promise<void>;
  list(prefix: string): AsyncGenerator<S3Object>;
  begin(key: string): Promise<S3Upload>;
  uploads(prefix: string): AsyncGenerator<S3Upload>;
  addPart(upload: S3Upload, number: number, bytes: Uint8Array): Promise<S3Part>;
  /** The parts that came; undefined when the upload is over. */
  parts(upload: S3Upload): Promise<S3Part[] | undefined>;
  /** Whether it became an object; false when the upload is over already. */
  complete(upload: S3Upload, parts: readonly S3Part[]): Promise<boolean>;
  abort(upload: S3Upload): Promise<void>;
  /** An address that gives the object to whoever has it. */
  signGet(key: string, seconds: number): Promise<string>;
  /** An address that takes one part of exactly this size. */
  signPart(upload: S3Upload, part: { readonly number: number; readonly size: number; readonly seconds: number }): Promise<string>;
  close(): void;
}

/** Bounds of one request: a server that is away is waited for about ten seconds in all. */
const ATTEMPTS = 6;
const CONNECT_MILLISECONDS = 5_000;
/** Milliseconds without a byte. */
const IDLE_MILLISECONDS = 60_000;

function openClient({ endpoint, region, isPathStyle }: S3Address): S3Client {
  return new S3Client({
    region,
    forcePathStyle: isPathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: ATTEMPTS,
    // Servers that do not know the newer checksums refuse them, or store them among the bytes.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: CONNECT_MILLISECONDS,
      requestTimeout: IDLE_MILLISECONDS,
      httpAgent: { maxSockets: 128 },
      httpsAgent: { maxSockets: 128 },
    },
  });
}

/** Makes the bucket of an address; one that is ours already stays. */
export async function createS3Bucket(address: S3Address): Promise<void> {
  const client = openClient(address);
  try {
    await client.send(new CreateBucketCommand({ Bucket: address.bucket }));
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === "BucketAlreadyOwnedByYou")) throw s3Error(cause, `make the bucket "${address.bucket}"`);
  } finally {
    client.destroy();
  }
}

/** Opens a bucket; keys come from where the AWS SDK finds them. Nothing is asked yet. */
export function openS3Bucket(address: S3Address): S3Bucket {
  const client = openClient(address);
  const keyed = (key: string) => ({ Bucket: address.bucket, Key: address.prefix + key });
  const bare = (key: string | undefined): string => (key ?? "").slice(address.prefix.length);
  let isConditional = address.isConditional;
  /** Gives undefined for the statuses that are an answer. */
  const ask = async <Answer>(request: Promise<Answer>, what: string, answers: readonly number[] = []): Promise<Answer | undefined> => {
    try {
      return await request;
    } catch (cause) {
      const isAnswer = answers.includes(statusOf(cause) ?? 0) && !(cause instanceof Error && cause.name === "NoSuchBucket");
      if (isAnswer) return undefined;
      throw s3Error(cause, what);
    }
  };
  const sure = async <Answer>(request: Promise<Answer>, what: string): Promise<Answer> => (await ask(request, what)) as Answer;

  return {
    head: async (key) => {
      const answer = await ask(client.send(new HeadObjectCommand(keyed(key))), `look for "${key}"`, [404]);
      return answer && { size: answer.ContentLength ?? 0, modified: answer.LastModified?.getTime() ?? 0 };
    },
    get: async (key, { begin, end }) => {
      const range = `bytes=${begin}-${end - 1}`;
      const answer = await ask(client.send(new GetObjectCommand({ ...keyed(key), Range: range })), `read "${key}"`, [404]);
      return answer && (answer.Body as Readable);
    },
    put: async (key, bytes, { ifAbsent = false } = {}) => {
      const send = (headers: { IfNoneMatch?: string }) => client.send(new PutObjectCommand({ ...keyed(key), Body: bytes, ...headers }));
      if (ifAbsent && isConditional) {
        try {
          await send({ IfNoneMatch: "*" });
          return true;
        } catch (cause) {
          if (statusOf(cause) === 412) return false;
          if (statusOf(cause) !== 501) throw s3Error(cause, `write "${key}"`);
          // This server has no conditional writes: what is written under a digest is the same bytes anyway.
          isConditional = false;
        }
      }
      await sure(send({}), `write "${key}"`);
      return true;
    },
    copy: async (from, to) => {
      const source = `${address.bucket}/${address.prefix}${from}`.split("/").map(encodeURIComponent).join("/");
      await sure(client.send(new CopyObjectCommand({ ...keyed(to), CopySource: source })), `copy "${from}"`);
    },
    remove: async (key) => {
      await ask(client.send(new DeleteObjectCommand(keyed(key))), `delete "${key}"`, [404]);
    },
    list: async function* (prefix) {
      for (let next: string | undefined, more = true; more;) {
        const query = {
          Bucket: address.bucket,
          Prefix: address.prefix + prefix,
          ...(next === undefined ? {} : { ContinuationToken: next }),
        };
        const page = await sure(client.send(new ListObjectsV2Command(query)), "list the bucket");
        for (const { Key, Size = 0, LastModified } of page.Contents ?? [])
          yield { key: bare(Key), size: Size, modified: LastModified?.getTime() ?? 0 };
        next = page.NextContinuationToken;
        more = page.IsTruncated === true && next !== undefined;
      }
    },
    begin: async (key) => {
      const { UploadId = "" } = await sure(client.send(new CreateMultipartUploadCommand(keyed(key))), `write "${key}"`);
      return { key, id: UploadId, begun: Date.now() };
    },
    uploads: async function* (prefix) {
      let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
      for (let more = true; more;) {
        const query = { Bucket: address.bucket, Prefix: address.prefix + prefix, ...marker };
        const page = await sure(client.send(new ListMultipartUploadsCommand(query)), "list the uploads of the bucket");
        for (const { Key, UploadId = "", Initiated } of page.Uploads ?? [])
          yield { key: bare(Key), id: UploadId, begun: Initiated?.getTime() ?? 0 };
        more = page.IsTruncated === true && page.NextKeyMarker !== undefined;
        marker = {
          ...(page.NextKeyMarker === undefined ? {} : { KeyMarker: page.NextKeyMarker }),
          ...(page.NextUploadIdMarker === undefined ? {} : { UploadIdMarker: page.NextUploadIdMarker }),
        };
      }
    },
    addPart: async (upload, number, bytes) => {
      const command = new UploadPartCommand({ ...keyed(upload.key), UploadId: upload.id, PartNumber: number, Body: bytes });
      const { ETag = "" } = await sure(client.send(command), `write "${upload.key}"`);
      return { number, size: bytes.length, etag: ETag };
    },
    parts: async (upload) => {
      const parts: S3Part[] = [];
      for (let marker: string | undefined, more = true; more;) {
        const query = { ...keyed(upload.key), UploadId: upload.id, ...(marker === undefined ? {} : { PartNumberMarker: marker }) };
        const page = await ask(client.send(new ListPartsCommand(query)), `look for the parts of "${upload.key}"`, [404]);
        if (page === undefined) return undefined;
        for (const { PartNumber = 0, Size = 0, ETag = "" } of page.Parts ?? []) parts.push({ number: PartNumber, size: Size, etag: ETag });
        marker = page.NextPartNumberMarker;
        more = page.IsTruncated === true && marker !== undefined;
      }
      return parts;
    },
    complete: async (upload, parts) => {
      const list = parts
        .toSorted((one, other) => one.number - other.number)
        .map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
      const command = new CompleteMultipartUploadCommand({ ...keyed(upload.key), UploadId: upload.id, MultipartUpload: { Parts: list } });
      return (await ask(client.send(command), `write "${upload.key}"`, [404])) !== undefined;
    },
    abort: async (upload) => {
      await ask(client.send(new AbortMultipartUploadCommand({ ...keyed(upload.key), UploadId: upload.id })), `drop "${upload.key}"`, [404]);
    },
    signGet: (key, seconds) => getSignedUrl(client, new GetObjectCommand(keyed(key)), { expiresIn: seconds }),
    signPart: (upload, { number, size, seconds }) =>
      getSignedUrl(client, new UploadPartCommand({ ...keyed(upload.key), UploadId: upload.id, PartNumber: number, ContentLength: size }), {
        expiresIn: seconds,
        // Signed, so that the address takes no more than was asked for.
        signableHeaders: new Set(["content-length", "host"]),
        unhoistableHeaders: new Set(["content-length"]),
      }),
    close: () => client.destroy(),
  };
}
