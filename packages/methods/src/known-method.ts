import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import type { Method } from "./method.ts";
import { methodNamed } from "./methods.ts";

/** The method of a manifest. ADAPTER_INVALID for one that puts tensors beside the base in a way that this version does not know. */
export function knownMethod({
  method,
  tensors,
}: Pick<Manifest, "method" | "tensors">): { readonly name: string } & Partial<Omit<Method, "name">> {
  const known = methodNamed(method.name);
  if (known !== undefined) return known;
  if (!tensors.some(({ role }) => role === "added")) return { name: method.name };
  throw new GraftError("ADAPTER_INVALID", `Cannot use the adapter: this version knows no method "${method.name}" that adds tensors`, {
    hint: "Update Graft",
  });
}
