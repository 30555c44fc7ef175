import { GraftError } from "@graft/error";

/**
 * The value that a table of patterns gives a module, or the fallback. PEFT's rule: a key is a regular expression that must
 * match the whole path or what follows a dot in it, and the first key that does counts. USAGE for an expression that is none.
 */
export function patternValue<T>(patterns: Readonly<Record<string, T>> | undefined, module: string, fallback: T): T {
  for (const [key, value] of Object.entries(patterns ?? {})) if (expression(key).test(module)) return value;
  return fallback;
}

function expression(key: string): RegExp {
  try {
    return new RegExp(`^(?:.*\\.)?(?:${key})$`);
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot read the pattern "${key}": it is no regular expression`, {
      hint: String.raw`Write it as PEFT does: layer\.0\.attention\.self\.query`,
      cause,
    });
  }
}
