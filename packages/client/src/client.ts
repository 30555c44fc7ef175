import {
  AdapterRecord,
  BaseList,
  BaseRecord,
  BaseRegistered,
  Deprecated,
  DigestRecord,
  DownloadsRecord,
  FindResponse,
  KeyList,
  LogHead,
  Ping,
  Published,
  routePath,
  SearchResponse,
  splitName,
  Staged,
  StagedList,
  TagList,
  TokenCreated,
  TokenList,
  TokenRecord,
  VersionProof,
  VersionRecord,
  Withdrawn,
  type BaseDocument,
  type Deprecation,
  type FindRequest,
  type PublishRequest,
  type SearchFilterName,
  type SearchOrder,
  type TokenRequest,
} from "@graft/protocol";
import { z } from "zod";
import { AccessClient } from "./access-client.ts";
import { type CallOptions, type PageOptions, pageQuery } from "./call-options.ts";
import { downloadBlob, type DownloadSink, type Progress } from "./download.ts";
import { type Connection, request } from "./http.ts";
import { uploadBlob } from "./upload.ts";

/** What a search is narrowed and ordered by; of the values of one filter any. */
export interface SearchOptions extends PageOptions {
  readonly filters?: Readonly<Partial<Record<SearchFilterName, readonly string[]>>> | undefined;
  readonly order?: SearchOrder | undefined;
  readonly withFacets?: boolean | undefined;
}

/** Speaks to one registry: every method is one route, its answer checked against the protocol's schema. */
export class RegistryClient {
  readonly connection: Connection;
  /** Who may do what. */
  readonly access: AccessClient;

  constructor(connection: Connection) {
    this.connection = connection;
    this.access = new AccessClient(connection);
  }

  ping(): Promise<Ping> {
    return request(this.connection, "GET", { path: routePath("ping", {}), schema: Ping });
  }

  keys(): Promise<KeyList> {
    return request(this.connection, "GET", { path: routePath("listKeys", {}), schema: KeyList });
  }

  adapter(name: string, page: PageOptions = {}): Promise<AdapterRecord> {
    return request(this.connection, "GET", {
      path: routePath("getAdapter", splitName(name)),
      schema: AdapterRecord,
      query: pageQuery(page),
      signal: page.signal,
    });
  }

  /** The best version for a range or a tag. */
  resolve(name: string, options: CallOptions & { range: string }): Promise<VersionRecord> {
    return request(this.connection, "GET", {
      path: routePath("resolve", splitName(name)),
      schema: VersionRecord,
      query: { range: options.range },
      signal: options.signal,
    });
  }

  /** What proves a version; `wanted` is the tag or range that it was found by, `since` the size of the remembered log. */
  prove(
    { name, version }: Pick<VersionRecord, "name" | "version">,
    query: CallOptions & { wanted?: string | undefined; since?: number | undefined } = {},
  ): Promise<VersionProof> {
    return request(this.connection, "GET", {
      path: routePath("proveVersion", { ...splitName(name), version }),
      schema: VersionProof,
      query: { wanted: query.wanted, since: query.since },
      signal: query.signal,
    });
  }

  /** The head of the log, and that it goes on from the first `since` entries. */
  logHead(since?: number): Promise<LogHead> {
    return request(this.connection, "GET", { path: routePath("getHead", {}), schema: LogHead, query: { since } });
  }

  /** Makes an uploaded blob a version. */
  publish(document: PublishRequest & { name: string; version: string }): Promise<Published> {
    const { name, version, ...body } = document;
    return request(this.connection, "PUT", { path: routePath("publish", { ...splitName(name), version }), schema: Published, body });
  }

  /** One version, whatever tags say. WITHDRAWN. */
  version(name: string, version: string): Promise<VersionRecord> {
    return request(this.connection, "GET", { path: routePath("getVersion", { ...splitName(name), version }), schema: VersionRecord });
  }

  /** Checks an uploaded blob as a publish does, and lets it wait for approval. */
  stage(document: PublishRequest & { name: string; version: string }): Promise<Staged> {
    const { name, version, ...body } = document;
    return request(this.connection, "PUT", { path: routePath("stage", { ...splitName(name), version }), schema: Staged, body });
  }

  /** Versions that wait for approval. */
  staged(query: PageOptions & { name?: string | undefined } = {}): Promise<StagedList> {
    return request(this.connection, "GET", {
      path: routePath("listStaged", {}),
      schema: StagedList,
      query: { name: query.name, ...pageQuery(query) },
    });
  }

  approve(name: string, version: string): Promise<Published> {
    return request(this.connection, "POST", { path: routePath("approve", { ...splitName(name), version }), schema: Published });
  }

  async unstage(name: string, version: string): Promise<void> {
    await request(this.connection, "DELETE", { path: routePath("unstage", { ...splitName(name), version }), schema: z.undefined() });
  }

  /** Says of versions that nobody should use them any more; null takes it back. Gives those that changed. */
  async deprecate(name: string, body: Deprecation): Promise<string[]> {
    const path = routePath("deprecate", splitName(name));
    return (await request(this.connection, "PUT", { path, schema: Deprecated, body })).versions;
  }

  /** Takes a version back. STILL_NEEDED, WITHDRAWN. */
  withdraw(name: string, options: { version: string; reason?: string | undefined }): Promise<Withdrawn> {
    return request(this.connection, "DELETE", {
      path: routePath("withdraw", { ...splitName(name), version: options.version }),
      schema: Withdrawn,
      query: { reason: options.reason },
    });
  }

  async tags(name: string): Promise<Record<string, string>> {
    return (await request(this.connection, "GET", { path: routePath("listTags", splitName(name)), schema: TagList })).tags;
  }

  /** Moves a tag; gives all tags. */
  async setTag(name: string, tag: string, version: string): Promise<Record<string, string>> {
    const path = routePath("putTag", { ...splitName(name), tag });
    return (await request(this.connection, "PUT", { path, schema: TagList, body: { version } })).tags;
  }

  /** Removes a tag; gives those that are left. */
  async removeTag(name: string, tag: string): Promise<Record<string, string>> {
    const path = routePath("deleteTag", { ...splitName(name), tag });
    return (await request(this.connection, "DELETE", { path, schema: TagList })).tags;
  }

  /** Adapters that fit a base, best first. */
  find(body: FindRequest): Promise<FindResponse> {
    return request(this.connection, "POST", { path: routePath("find", {}), schema: FindResponse, body });
  }

  /** Versions and bases that carry a digest. */
  which(digest: string): Promise<DigestRecord> {
    return request(this.connection, "GET", { path: routePath("getDigest", { digest }), schema: DigestRecord });
  }

  /** Adapters that have every word, narrowed by filters; the next page goes on with the same options and its cursor. */
  search(text: string, options: SearchOptions = {}): Promise<SearchResponse> {
    const { filters, order, withFacets = false } = options;
    return request(this.connection, "GET", {
      path: routePath("search", {}),
      schema: SearchResponse,
      query: { q: text, ...filters, order, facets: withFacets ? "true" : undefined, ...pageQuery(options) },
      signal: options.signal,
    });
  }

  /** How often an adapter was downloaded, and when. */
  downloads(name: string, days?: number): Promise<DownloadsRecord> {
    return request(this.connection, "GET", { path: routePath("getDownloads", splitName(name)), schema: DownloadsRecord, query: { days } });
  }

  bases(query: PageOptions & { name?: string | undefined } = {}): Promise<BaseList> {
    return request(this.connection, "GET", {
      path: routePath("listBases", {}),
      schema: BaseList,
      query: { name: query.name, ...pageQuery(query) },
      signal: query.signal,
    });
  }

  base(fingerprint: string): Promise<BaseRecord> {
    return request(this.connection, "GET", { path: routePath("getBase", { digest: fingerprint }), schema: BaseRecord });
  }

  registerBase(body: BaseDocument): Promise<BaseRegistered> {
    return request(this.connection, "PUT", { path: routePath("putBase", { digest: body.fingerprint }), schema: BaseRegistered, body });
  }

  whoami(): Promise<TokenRecord> {
    return request(this.connection, "GET", { path: routePath("whoami", {}), schema: TokenRecord });
  }

  tokens(page: PageOptions = {}): Promise<TokenList> {
    return request(this.connection, "GET", {
      path: routePath("listTokens", {}),
      schema: TokenList,
      query: pageQuery(page),
      signal: page.signal,
    });
  }

  createToken(body: TokenRequest): Promise<TokenCreated> {
    return request(this.connection, "POST", { path: routePath("createToken", {}), schema: TokenCreated, body });
  }

  async revokeToken(id: string): Promise<void> {
    await request(this.connection, "DELETE", { path: routePath("deleteToken", { id }), schema: z.undefined() });
  }

  /** Fetches a blob into a sink that verifies it. */
  download(blob: { digest: string; size: number; sink: DownloadSink; progress?: Progress | undefined } & CallOptions): Promise<void> {
    return downloadBlob(this.connection, blob);
  }

  /** Uploads bytes unless they are there; goes on where an interrupted upload stopped. */
  upload(blob: { digest: string; bytes: Uint8Array; progress?: Progress | undefined } & CallOptions): Promise<"stored" | "exists"> {
    return uploadBlob(this.connection, blob);
  }
}
