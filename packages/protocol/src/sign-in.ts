import { z } from "zod";
import { AccountName } from "./accounts.ts";
import { LIMITS } from "./limits.ts";
import { Instant } from "./primitives.ts";
import { Role } from "./scopes.ts";
import { Action, NamePattern } from "./tokens.ts";

/** How people and programs sign in here. */
export const SignInWays = z
  .object({
    /** Whether accounts can be made without an invitation. */
    signUp: z.enum(["closed", "open"]),
    /** Where a browser begins single sign-on, and what to call it. */
    singleSignOn: z.object({ label: z.string(), path: z.string() }).optional(),
    /** What a workload's token must name as its audience; without one workloads cannot sign in. */
    audience: z.string().optional(),
  })
  .meta({ id: "SignInWays" });
export type SignInWays = z.infer<typeof SignInWays>;

/** Who is signed in, and the roles that come with it. */
export const Session = z
  .object({ user: AccountName, admin: z.boolean(), roles: z.record(z.string(), Role), expiresAt: Instant })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;

/** Signs a browser in. */
export const SessionRequest = z
  .strictObject({ user: z.string().max(LIMITS.labelLength), password: z.string().max(LIMITS.passwordMost) })
  .meta({ id: "SessionRequest" });
export type SessionRequest = z.infer<typeof SessionRequest>;

/** What a program asks for: at most this, and at most what the person may. */
const wanted = {
  label: z.string().min(1).max(LIMITS.labelLength),
  names: z.array(NamePattern).min(1).max(LIMITS.patterns).default(["*"]),
  actions: z.array(Action).min(1).max(3).default(["read", "publish", "admin"]),
};

/** Signs a program in by a password that a person typed. */
export const PasswordSignIn = SessionRequest.extend(wanted).meta({ id: "PasswordSignIn" });
export type PasswordSignIn = z.input<typeof PasswordSignIn>;

/** Asks for a sign-in that a person allows in a browser. */
export const DeviceRequest = z.strictObject(wanted).meta({ id: "DeviceRequest" });
export type DeviceRequest = z.input<typeof DeviceRequest>;

/** What a program shows the person, and keeps to ask what came of it. */
export const DeviceSignIn = z
  .object({
    deviceCode: z.string(),
    userCode: z.string(),
    /** Where the person goes, with and without the code. */
    verificationUri: z.string(),
    verificationUriComplete: z.string(),
    expiresAt: Instant,
    /** Seconds between two questions. */
    interval: z.int(),
  })
  .meta({ id: "DeviceSignIn" });
export type DeviceSignIn = z.infer<typeof DeviceSignIn>;

/** Asks what came of a sign-in. */
export const DeviceTokenRequest = z.strictObject({ deviceCode: z.string().max(LIMITS.secretLength) }).meta({ id: "DeviceTokenRequest" });
export type DeviceTokenRequest = z.infer<typeof DeviceTokenRequest>;

/** What a person is asked to allow. */
export const DeviceQuestion = z
  .object({
    userCode: z.string(),
    label: z.string(),
    names: z.array(z.string()),
    actions: z.array(Action),
    address: z.string().optional(),
    status: z.enum(["pending", "approved", "denied"]),
    expiresAt: Instant,
  })
  .meta({ id: "DeviceQuestion" });
export type DeviceQuestion = z.infer<typeof DeviceQuestion>;

/** The person's answer. */
export const DeviceAnswer = z.strictObject({ approve: z.boolean() }).meta({ id: "DeviceAnswer" });
export type DeviceAnswer = z.infer<typeof DeviceAnswer>;

/** Exchanges a workload's OpenID Connect token for a short-lived token of the registry. */
export const WorkloadSignIn = z.strictObject({ token: z.string().max(LIMITS.workloadTokenLength) }).meta({ id: "WorkloadSignIn" });
export type WorkloadSignIn = z.infer<typeof WorkloadSignIn>;
