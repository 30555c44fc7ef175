import { GraftError } from "@graft/error";
import { canonicalJson } from "./canonical-json.ts";
import { LIMITS } from "./limits.ts";
import { Manifest } from "./manifest.ts";
import { brokenRules } from "./manifest-rules.ts";

/** Checks a manifest, fields and rules that span them; MANIFEST_INVALID names the first fault, `detail.issues` all (at most 20). */
export function checkManifest(value: unknown): Manifest {
  const result = Manifest.safeParse(value);
  if (!result.success) throw invalidManifest(result.error.issues.map((issue) => `${issue.path.join(".") || "manifest"}: ${issue.message}`));
  const broken = Array.from(brokenRules(result.data), ([path, why]) => `${path}: ${why}`);
  if (broken.length > 0) throw invalidManifest(broken);
  return result.data;
}

/** Reads a manifest's text as an adapter carries it: canonical JSON, so that no two readers can see two documents. */
export function parseManifest(text: string): Manifest {
  if (text.length > LIMITS.manifestBytes)
    throw new GraftError(
      "LIMIT_EXCEEDED",
      `Cannot read the manifest: it has ${text.length} characters, want at most ${LIMITS.manifestBytes}`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GraftError("MANIFEST_INVALID", "Cannot read the manifest: it is no JSON", { cause });
  }
  const manifest = checkManifest(value);
  if (canonicalJson(manifest) !== text) throw invalidManifest(["manifest: the JSON is not in canonical form (RFC 8785)"]);
  return manifest;
}

function invalidManifest(issues: string[]): GraftError {
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
  return new GraftError("MANIFEST_INVALID", `Cannot accept the manifest: ${(issues[0] ?? "").slice(0, 300)}${more}`, {
    detail: { issues: issues.slice(0, 20) },
  });
}
