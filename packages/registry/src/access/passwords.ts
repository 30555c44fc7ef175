import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";
import { GraftError } from "@graft/error";

/** Cost of one hash: 32 MiB and about 130 ms. */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const;

/** Hashes at the same time, and those that wait; more would take the memory of everything else. */
const AT_ONCE = 2;
const WAITING = 50;

/** Makes and checks what is stored in place of passwords. */
export interface PasswordHasher {
  /** `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, base64url. */
  hash(password: string): Promise<string>;
  /** Takes as long for an account that is not there (undefined) as for one that is. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

/** scrypt, a few at a time. RATE_LIMITED when too many wait. */
export function scryptHasher(cost: { readonly N: number; readonly r: number; readonly p: number } = COST): PasswordHasher {
  const limited = atMost(AT_ONCE, WAITING);
  const derive = (password: string, salt: Buffer, options: ScryptOptions) =>
    limited(() => scryptAsync(password.normalize("NFKC"), salt, options));
  const nobody = encode({ ...cost, salt: randomBytes(16), key: randomBytes(32) });
  return {
    hash: async (password) => {
      const salt = randomBytes(16);
      return encode({ ...cost, salt, key: await derive(password, salt, cost) });
    },
    verify: async (password, stored) => {
      const { salt, key, ...options } = decode(stored ?? nobody);
      const isEqual = timingSafeEqual(await derive(password, salt, options), key);
      return isEqual && stored !== undefined;
    },
  };
}

interface StoredPassword {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

function encode({ N, r, p, salt, key }: StoredPassword): string {
  return ["scrypt", Math.log2(N), r, p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

function decode(text: string): StoredPassword {
  const [scheme, logarithm, r, p, salt = "", key = ""] = text.split("$");
  if (scheme !== "scrypt") throw new GraftError("INTERNAL", `Cannot read a stored password: its scheme is "${scheme}", want scrypt`);
  return {
    N: 2 ** Number(logarithm),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, "base64url"),
    key: Buffer.from(key, "base64url"),
  };
}

function scryptAsync(password: string, salt: Buffer, { N = 0, r = 0, p = 0 }: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N, r, p, maxmem: 256 * N * r }, (cause, key) => (cause === null ? resolve(key) : reject(cause)));
  });
}

/** Runs at most `most` at once; `waiting` more wait their turn, and others are refused. */
function atMost(most: number, waiting: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= most) {
      if (queue.length >= waiting)
        throw new GraftError("RATE_LIMITED", "Cannot check the password: too many sign in at once", {
          hint: "Try again in a moment",
          detail: { retryAfter: 5 },
        });
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
