import { z } from "zod";
import {
  AccountList,
  AccountName,
  AccountRecord,
  AccountRequest,
  AccountsQuery,
  InvitationCreated,
  InvitationRequest,
  PasswordRequest,
} from "../accounts.ts";
import { body, json, refused, security } from "./operation.ts";

const accountPath = z.object({ user: AccountName });

/** Accounts and invitations. */
export const ACCOUNT_ROUTES = {
  createInvitation: {
    method: "post",
    path: "/v1/invitations",
    summary: "Invite somebody to make an account",
    security,
    request: { body: body(InvitationRequest) },
    responses: { 201: json("The code, shown once", InvitationCreated), ...refused },
  },
  createAccount: {
    method: "post",
    path: "/v1/accounts",
    summary: "Make an account with an invitation, and sign the browser in",
    request: { body: body(AccountRequest) },
    responses: { 201: json("The account", AccountRecord), ...refused },
  },
  listAccounts: {
    method: "get",
    path: "/v1/accounts",
    summary: "All accounts",
    security,
    request: { query: AccountsQuery },
    responses: { 200: json("A page of accounts", AccountList), ...refused },
  },
  disableAccount: {
    method: "delete",
    path: "/v1/accounts/{user}",
    summary: "End an account, its sessions and its tokens; its name stays taken",
    security,
    request: { params: accountPath },
    responses: { 204: { description: "Ended" }, ...refused },
  },
  setPassword: {
    method: "put",
    path: "/v1/accounts/{user}/password",
    summary: "Set a new password, which ends all sessions",
    security,
    request: { params: accountPath, body: body(PasswordRequest) },
    responses: { 204: { description: "Set" }, ...refused },
  },
} as const;
