export {
  AccountList,
  AccountName,
  AccountRecord,
  AccountRequest,
  InvitationCreated,
  InvitationRequest,
  PasswordRequest,
} from "./accounts.ts";
export { BaseDocument, BaseFile, BaseList, BaseMatrix, BaseQuery, BaseRecord, BaseRegistered, BaseSummary, DerivedFrom } from "./bases.ts";
export { BlobStored, DirectUpload, UPLOAD_DIRECT, UPLOAD_OFFSET } from "./blobs.ts";
export { ErrorBody } from "./error-body.ts";
export { Deprecated, Deprecation, Staged, StagedList, StagedQuery, StagedVersion, WithdrawQuery, Withdrawn } from "./life.ts";
export { LIMITS } from "./limits.ts";
export {
  Consistency,
  HeadQuery,
  KeyList,
  LogHead,
  ProofQuery,
  Resolution,
  Resolutions,
  ResolutionsRequest,
  ResolutionStatement,
  Rotation,
  RotationStatement,
  VersionProof,
} from "./log.ts";
export { DigestRecord, FindRequest, FindResponse, Fit, Match, SimilarBase } from "./lookups.ts";
export { Digest, Instant, NamePart, PageQuery, Size } from "./primitives.ts";
export { joinName, routePath, splitName, type PathParameters } from "./route-path.ts";
export { ROUTES, type RouteName } from "./routes.ts";
export {
  AuditEntry,
  AuditLog,
  HolderName,
  OwnerList,
  PublisherList,
  PublisherRecord,
  PublisherRequest,
  Quota,
  Role,
  RoleRequest,
  ScopeList,
  ScopeRecord,
  ScopeRequest,
  TransferRequest,
} from "./scopes.ts";
export {
  DownloadsQuery,
  DownloadsRecord,
  SearchCount,
  SearchFacet,
  type SearchFilterName,
  SearchFilters,
  SearchOrder,
  SearchQuery,
  SearchResponse,
  SearchResult,
} from "./search.ts";
export { Ping, PublicKey } from "./service.ts";
export {
  DeviceAnswer,
  DeviceQuestion,
  DeviceRequest,
  DeviceSignIn,
  DeviceTokenRequest,
  PasswordSignIn,
  Session,
  SessionRequest,
  SignInWays,
  WorkloadSignIn,
} from "./sign-in.ts";
export { MemberRequest, TeamList, TeamRecord, TeamRole } from "./teams.ts";
export { Action, AddressRange, NamePattern, TokenCreated, TokenList, TokenRecord, TokenRequest, TokenText } from "./tokens.ts";
export {
  Access,
  AccessRecord,
  AuthorSignature,
  AdapterRecord,
  AttachedFile,
  AttachedName,
  DeltaSize,
  Published,
  PublishRequest,
  ResolveQuery,
  Signature,
  TagList,
  TagRequest,
  VersionRecord,
  VersionsQuery,
  VersionStatement,
  VersionSummary,
} from "./versions.ts";
export { type Pace, timedChunks, type TooSlow, within } from "./timed-chunks.ts";
