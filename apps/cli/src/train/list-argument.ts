import { GraftError } from "@graft/error";
import { numberArgument } from "../command.ts";

/** Parts between commas, without the spaces around them. */
export function listArgument(value: string): string[] {
  return value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Numbers by name: `query=4,layer\.0\..*=2`; the last `=` of a part divides it. USAGE. */
export function tableArgument(value: string, name: string, bounds: { least?: number; whole?: boolean } = {}): Record<string, number> {
  return Object.fromEntries(
    listArgument(value).map((part) => {
      const at = part.lastIndexOf("=");
      const number = at > 0 ? numberArgument(part.slice(at + 1), name, bounds) : undefined;
      if (number === undefined)
        throw new GraftError("USAGE", `Cannot read --${name} "${part}": want a pattern, "=" and a number`, {
          hint: `--${name} "query=4,value=16"`,
        });
      return [part.slice(0, at), number];
    }),
  );
}
