import { GraftError } from "@graft/error";
import { Access } from "@graft/protocol";

/** Who may read an adapter, as it is typed; USAGE when it is none of the two. */
export function accessArgument(value: string): Access {
  const parsed = Access.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GraftError("USAGE", `Cannot read the access "${value}": want ${Access.options.join(" or ")}`);
}
