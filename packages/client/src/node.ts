export { AdapterClient, type Pulled, type TransferOptions } from "./adapter-client.ts";
export { BlobCache, type PartialBlob } from "./blob-cache.ts";
export { readConfiguration, userFolders, writeConfiguration } from "./configuration-file.ts";
export { createClient, type ClientOptions } from "./create-client.ts";
