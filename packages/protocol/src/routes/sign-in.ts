import { z } from "zod";
import { LIMITS } from "../limits.ts";
import {
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
} from "../sign-in.ts";
import { TokenCreated } from "../tokens.ts";
import { body, json, refused, security } from "./operation.ts";

const devicePath = z.object({ userCode: z.string().max(20) });
const text = z.string().max(LIMITS.workloadTokenLength);

/** Sessions of browsers, and how programs get tokens. */
export const SIGN_IN_ROUTES = {
  getSignIn: {
    method: "get",
    path: "/v1/sign-in",
    summary: "How to sign in here",
    responses: { 200: json("The ways", SignInWays), ...refused },
  },
  getSession: {
    method: "get",
    path: "/v1/session",
    summary: "Who is signed in",
    security,
    responses: { 200: json("The session", Session), ...refused },
  },
  createSession: {
    method: "post",
    path: "/v1/session",
    summary: "Sign a browser in, by a cookie",
    request: { body: body(SessionRequest) },
    responses: { 201: json("The session", Session), ...refused },
  },
  deleteSession: {
    method: "delete",
    path: "/v1/session",
    summary: "Sign a browser out",
    responses: { 204: { description: "Signed out" }, ...refused },
  },
  signInByPassword: {
    method: "post",
    path: "/v1/sign-in/password",
    summary: "A token for a program whose user typed a password",
    request: { body: body(PasswordSignIn) },
    responses: { 201: json("The token, shown once", TokenCreated), ...refused },
  },
  createDevice: {
    method: "post",
    path: "/v1/sign-in/devices",
    summary: "Begin a sign-in that a person allows in a browser",
    request: { body: body(DeviceRequest) },
    responses: { 201: json("What to show and what to keep", DeviceSignIn), ...refused },
  },
  signInByDevice: {
    method: "post",
    path: "/v1/sign-in/device-token",
    summary: "What came of it",
    request: { body: body(DeviceTokenRequest) },
    responses: { 201: json("The token, shown once", TokenCreated), ...refused },
  },
  getDevice: {
    method: "get",
    path: "/v1/sign-in/devices/{userCode}",
    summary: "What a person is asked to allow",
    security,
    request: { params: devicePath },
    responses: { 200: json("The question", DeviceQuestion), ...refused },
  },
  answerDevice: {
    method: "post",
    path: "/v1/sign-in/devices/{userCode}",
    summary: "Allow a sign-in, or refuse it",
    security,
    request: { params: devicePath, body: body(DeviceAnswer) },
    responses: { 200: json("What was decided", DeviceQuestion), ...refused },
  },
  beginSingleSignOn: {
    method: "get",
    path: "/v1/sign-in/oidc",
    summary: "Send a browser to the issuer of single sign-on",
    request: { query: z.object({ returnTo: text.default("/"), invitation: z.string().max(LIMITS.secretLength).optional() }) },
    responses: { 302: { description: "To the issuer" }, ...refused },
  },
  endSingleSignOn: {
    method: "get",
    path: "/v1/sign-in/oidc/callback",
    summary: "Where the issuer sends the browser back to",
    request: { query: z.object({ code: text.optional(), state: text.optional(), iss: text.optional(), error: text.optional() }) },
    responses: { 302: { description: "Signed in, to where it began" }, ...refused },
  },
  signInByWorkload: {
    method: "post",
    path: "/v1/sign-in/workload",
    summary: "A short-lived token for a workflow that is trusted",
    request: { body: body(WorkloadSignIn) },
    responses: { 201: json("The token, shown once", TokenCreated), ...refused },
  },
} as const;
