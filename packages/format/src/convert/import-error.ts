import { GraftError } from "@graft/error";

/** Why an adapter cannot be taken as it is. CONVERT_UNSUPPORTED. */
export function unsupported(
  why: string,
  options: { readonly hint?: string; readonly detail?: Readonly<Record<string, unknown>> } = {},
): GraftError {
  return new GraftError("CONVERT_UNSUPPORTED", `Cannot import the adapter: ${why}`, {
    hint: options.hint ?? "Merge the adapter with PEFT and take the merged model as a base of its own",
    ...(options.detail === undefined ? {} : { detail: options.detail }),
  });
}

/** What is wrong with the file. CONVERT_INVALID. */
export function invalid(why: string, hint = "Check that adapter_config.json and adapter_model.safetensors belong together"): GraftError {
  return new GraftError("CONVERT_INVALID", `Cannot import the adapter: ${why}`, { hint });
}

/** That the adapter was made on another base. BASE_MISMATCH. */
export function mismatch(why: string, detail: Readonly<Record<string, unknown>> = {}): GraftError {
  return new GraftError("BASE_MISMATCH", `Cannot import the adapter: ${why}`, { hint: "Pass the base it was trained on", detail });
}
