import { buffer } from "node:stream/consumers";
import { BlobCache } from "@graft/client/node";
import { parseDigest } from "@graft/digest";

const [, , folder = "", limit = "", digest = ""] = process.argv;
const partial = await new BlobCache(folder, { limit: Number(limit) }).open(parseDigest(digest));
await partial.write(await buffer(process.stdin));
process.stdout.write(await partial.commit());
