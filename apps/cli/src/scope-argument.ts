import { NamePart, Role } from "@graft/protocol";
import { GraftError } from "@graft/error";

/** A scope as it is typed, with or without its @; USAGE when it is none. */
export function scopeArgument(text: string): string {
  const scope = text.replace(/^@/, "");
  if (NamePart.safeParse(scope).success) return scope;
  throw new GraftError("USAGE", `Cannot read the scope "${text}": want lower-case letters, digits and single . _ -`, {
    hint: "A scope looks like @acme",
  });
}

/** A role as it is typed; USAGE when it is none. */
export function roleArgument(text: string): Role {
  const parsed = Role.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new GraftError("USAGE", `Cannot read the role "${text}": want ${Role.options.join(", ")}`);
}
