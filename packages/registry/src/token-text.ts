import { sha256 } from "@graft/digest";
import { toBase64Url } from "@graft/trust";

const PREFIX = "graft_";

/** A new token: `graft_`, 32 random bytes in base64url, and 8 hex digits of checksum, so that leaks can be scanned for. */
export async function createTokenText(): Promise<string> {
  const random = `${PREFIX}${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`;
  return random + (await checksum(random));
}

/** Whether a text can be a token at all: no look-up for what was mistyped. */
export async function isTokenText(text: string): Promise<boolean> {
  return /^graft_[\w-]{43}[0-9a-f]{8}$/.test(text) && text.endsWith(await checksum(text.slice(0, -8)));
}

/** What is stored in place of a token. It has 256 random bits, so a plain hash cannot be guessed from. */
export async function hashToken(text: string): Promise<string> {
  return (await digestText(text)).slice("sha256:".length);
}

async function checksum(text: string): Promise<string> {
  return (await digestText(`checksum of ${text}`)).slice("sha256:".length, "sha256:".length + 8);
}

function digestText(text: string): Promise<string> {
  return sha256(new TextEncoder().encode(text));
}
