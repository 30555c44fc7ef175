import {
  AccessRecord,
  AccountList,
  AccountRecord,
  AuditLog,
  DeviceQuestion,
  DeviceSignIn,
  InvitationCreated,
  OwnerList,
  PublisherList,
  PublisherRecord,
  ScopeList,
  ScopeRecord,
  Session,
  SignInWays,
  TeamList,
  TeamRecord,
  TokenCreated,
  routePath,
  splitName,
  type Access,
  type AccountRequest,
  type DeviceRequest,
  type InvitationRequest,
  type PasswordRequest,
  type PasswordSignIn,
  type PublisherRequest,
  type Quota,
  type Role,
  type SessionRequest,
  type TeamRole,
} from "@graft/protocol";
import { z } from "zod";
import { type CallOptions, type PageOptions, pageQuery } from "./call-options.ts";
import { request, type Connection } from "./http.ts";

/** Speaks to one registry about who may do what: every method is one route, its answer checked against the protocol's schema. */
export class AccessClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  signInWays(): Promise<SignInWays> {
    return request(this.#connection, "GET", { path: routePath("getSignIn", {}), schema: SignInWays });
  }

  /** Signs a browser in: the session is in the cookie of the answer. */
  beginSession(body: SessionRequest): Promise<Session> {
    return request(this.#connection, "POST", { path: routePath("createSession", {}), schema: Session, body });
  }

  session(): Promise<Session> {
    return request(this.#connection, "GET", { path: routePath("getSession", {}), schema: Session });
  }

  async endSession(): Promise<void> {
    await request(this.#connection, "DELETE", { path: routePath("deleteSession", {}), schema: z.undefined() });
  }

  signInByPassword(body: PasswordSignIn): Promise<TokenCreated> {
    return request(this.#connection, "POST", { path: routePath("signInByPassword", {}), schema: TokenCreated, body });
  }

  beginDevice(body: DeviceRequest): Promise<DeviceSignIn> {
    return request(this.#connection, "POST", { path: routePath("createDevice", {}), schema: DeviceSignIn, body });
  }

  /** SIGN_IN_PENDING until somebody allowed it. */
  signInByDevice(deviceCode: string, { signal }: CallOptions = {}): Promise<TokenCreated> {
    return request(this.#connection, "POST", { path: routePath("signInByDevice", {}), schema: TokenCreated, body: { deviceCode }, signal });
  }

  /** What a person is asked to allow. */
  device(userCode: string): Promise<DeviceQuestion> {
    return request(this.#connection, "GET", { path: routePath("getDevice", { userCode }), schema: DeviceQuestion });
  }

  answerDevice(userCode: string, approve: boolean): Promise<DeviceQuestion> {
    return request(this.#connection, "POST", { path: routePath("answerDevice", { userCode }), schema: DeviceQuestion, body: { approve } });
  }

  signInByWorkload(token: string): Promise<TokenCreated> {
    return request(this.#connection, "POST", { path: routePath("signInByWorkload", {}), schema: TokenCreated, body: { token } });
  }

  invite(body: InvitationRequest): Promise<InvitationCreated> {
    return request(this.#connection, "POST", { path: routePath("createInvitation", {}), schema: InvitationCreated, body });
  }

  createAccount(body: AccountRequest): Promise<AccountRecord> {
    return request(this.#connection, "POST", { path: routePath("createAccount", {}), schema: AccountRecord, body });
  }

  accounts(page: PageOptions = {}): Promise<AccountList> {
    return request(this.#connection, "GET", { path: routePath("listAccounts", {}), schema: AccountList, query: pageQuery(page) });
  }

  async disableAccount(user: string): Promise<void> {
    await request(this.#connection, "DELETE", { path: routePath("disableAccount", { user }), schema: z.undefined() });
  }

  /** `current` is wanted for one's own. */
  async setPassword(user: string, body: PasswordRequest): Promise<void> {
    await request(this.#connection, "PUT", { path: routePath("setPassword", { user }), schema: z.undefined(), body });
  }

  /** Scopes the account has a role in, or all of them. */
  scopes(query: PageOptions & { readonly all?: boolean } = {}): Promise<ScopeList> {
    const { all = false } = query;
    return request(this.#connection, "GET", {
      path: routePath("listScopes", {}),
      schema: ScopeList,
      query: { ...pageQuery(query), ...(all ? { all: "true" } : {}) },
    });
  }

  createScope(scope: string, owner?: string): Promise<ScopeRecord> {
    const body = owner === undefined ? {} : { owner };
    return request(this.#connection, "PUT", { path: routePath("createScope", { scope }), schema: ScopeRecord, body });
  }

  scope(scope: string): Promise<ScopeRecord> {
    return request(this.#connection, "GET", { path: routePath("getScope", { scope }), schema: ScopeRecord });
  }

  setQuota(scope: string, body: Quota): Promise<ScopeRecord> {
    return request(this.#connection, "PUT", { path: routePath("setQuota", { scope }), schema: ScopeRecord, body });
  }

  owners(scope: string): Promise<OwnerList> {
    return request(this.#connection, "GET", { path: routePath("listOwners", { scope }), schema: OwnerList });
  }

  /** `holder` is an account or `team:<name>`. */
  addOwner(scope: string, { holder, role }: { readonly holder: string; readonly role: Role }): Promise<OwnerList> {
    return request(this.#connection, "PUT", { path: routePath("putOwner", { scope, holder }), schema: OwnerList, body: { role } });
  }

  removeOwner(scope: string, holder: string): Promise<OwnerList> {
    return request(this.#connection, "DELETE", { path: routePath("deleteOwner", { scope, holder }), schema: OwnerList });
  }

  transferScope(scope: string, to: string): Promise<OwnerList> {
    return request(this.#connection, "POST", { path: routePath("transferScope", { scope }), schema: OwnerList, body: { to } });
  }

  setAccess(name: string, access: Access): Promise<AccessRecord> {
    return request(this.#connection, "PUT", { path: routePath("setAccess", splitName(name)), schema: AccessRecord, body: { access } });
  }

  /** Changes of a scope, or of the whole registry without one; newest first. */
  audit(query: PageOptions & { readonly scope?: string | undefined } = {}): Promise<AuditLog> {
    const { scope } = query;
    const path = scope === undefined ? routePath("getAudit", {}) : routePath("getScopeAudit", { scope });
    return request(this.#connection, "GET", { path, schema: AuditLog, query: pageQuery(query) });
  }

  teams(page: PageOptions = {}): Promise<TeamList> {
    return request(this.#connection, "GET", { path: routePath("listTeams", {}), schema: TeamList, query: pageQuery(page) });
  }

  team(team: string): Promise<TeamRecord> {
    return request(this.#connection, "GET", { path: routePath("getTeam", { team }), schema: TeamRecord });
  }

  createTeam(team: string): Promise<TeamRecord> {
    return request(this.#connection, "PUT", { path: routePath("createTeam", { team }), schema: TeamRecord });
  }

  async deleteTeam(team: string): Promise<void> {
    await request(this.#connection, "DELETE", { path: routePath("deleteTeam", { team }), schema: z.undefined() });
  }

  addMember(team: string, { user, role }: { readonly user: string; readonly role: TeamRole }): Promise<TeamRecord> {
    return request(this.#connection, "PUT", { path: routePath("putMember", { team, user }), schema: TeamRecord, body: { role } });
  }

  removeMember(team: string, user: string): Promise<TeamRecord> {
    return request(this.#connection, "DELETE", { path: routePath("deleteMember", { team, user }), schema: TeamRecord });
  }

  publishers(name: string): Promise<PublisherList> {
    return request(this.#connection, "GET", { path: routePath("listPublishers", splitName(name)), schema: PublisherList });
  }

  addPublisher(name: string, body: PublisherRequest): Promise<PublisherRecord> {
    return request(this.#connection, "POST", { path: routePath("addPublisher", splitName(name)), schema: PublisherRecord, body });
  }

  async removePublisher(name: string, id: string): Promise<void> {
    await request(this.#connection, "DELETE", { path: routePath("removePublisher", { ...splitName(name), id }), schema: z.undefined() });
  }
}
