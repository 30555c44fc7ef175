import { isS3Address, openS3BlobStore } from "@graft/storage/node";
import { GraftError } from "@graft/error";
import type { StoredBlob } from "@graft/storage";
import type { GoodBytes } from "./check-registry.ts";

/** Good bytes of a bucket, or of a registry that has the same blobs; `token` lets private ones be read there. */
export async function goodBytesFrom(place: string, token: string | undefined): Promise<GoodBytes> {
  if (isS3Address(place)) {
    const store = await openS3BlobStore(place);
    return (digest) => store.open(digest);
  }
  if (!/^https?:$/.test(URL.canParse(place) ? new URL(place).protocol : ""))
    throw new GraftError("USAGE", `Cannot repair from "${place}": want an http address of a registry or an s3:// address`);
  return async (digest) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${place.replace(/\/+$/, "")}/v1/blobs/${digest}`, { headers });
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    return received(response);
  };
}

/** An answer as a blob that can be streamed once, from its beginning. */
function received(response: Response): StoredBlob {
  return {
    size: Number(response.headers.get("content-length") ?? Number.NaN),
    read: () => Promise.reject(new GraftError("INTERNAL", "Cannot read pieces of an answer: it comes once")),
    stream: () => response.body as unknown as AsyncIterable<Uint8Array>,
    close: async () => {
      if (response.body?.locked === false) await response.body.cancel();
    },
  };
}
