export { PageCache, type KeptFile, type PageCacheOptions } from "./web/page-cache.ts";
export { PageDocuments } from "./web/page-documents.ts";
export { PageFiles, type PageFileOptions } from "./web/page-files.ts";
export { pageTrust } from "./web/page-trust.ts";
