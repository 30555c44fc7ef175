/** A browser that is signed in. `hash` is the sha256 of the cookie in hex. */
export interface StoredSession {
  readonly hash: string;
  readonly user: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** A sign-in of a program that a person allows in a browser (after RFC 8628). */
export interface StoredDeviceSignIn {
  /** sha256 of the code that the program keeps, in hex. */
  readonly hash: string;
  /** What the person compares. */
  readonly userCode: string;
  /** What the program asks for. */
  readonly label: string;
  readonly names: readonly string[];
  readonly actions: readonly string[];
  readonly status: "pending" | "approved" | "denied";
  /** Who approved. */
  readonly user?: string | undefined;
  /** Address that asked. */
  readonly address?: string | undefined;
  readonly expiresAt: string;
}

/** What is short-lived: sessions, sign-ins under way, and secrets that work once. */
export interface SignInStore {
  addSession(session: StoredSession): Promise<void>;
  session(hash: string): Promise<StoredSession | undefined>;
  deleteSession(hash: string): Promise<void>;
  addDevice(device: StoredDeviceSignIn): Promise<void>;
  device(userCode: string): Promise<StoredDeviceSignIn | undefined>;
  /** Decides once: false when it was decided already or is unknown. */
  decideDevice(userCode: string, decision: { readonly user: string; readonly approved: boolean }): Promise<boolean>;
  /** Gives what came of it, and forgets it once it is decided: of two that ask, one gets it. */
  takeDevice(hash: string): Promise<StoredDeviceSignIn | undefined>;
  /** Remembers a secret that works once, or that was used; false when it is there already. */
  putOnce(secret: {
    readonly hash: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly expiresAt: string;
  }): Promise<boolean>;
  /** Gives what was put, and forgets it: of two that ask, one gets it. */
  takeOnce(hash: string, now: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Drops all that expired before the instant. */
  sweep(now: string): Promise<void>;
}
