import { GraftError } from "@graft/error";
import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { DigestText, Identifier } from "../scalars.ts";

/** What `graft eval --json` says of an adapter on some rows: the figures by name, and which adapter it was. */
export const Evaluation = z
  .object({
    rows: z.int().min(1),
    adapter: DigestText.optional(),
  })
  .catchall(z.union([z.number(), z.boolean(), z.string().max(LIMITS.textLength)]))
  .refine((evaluation) => Object.keys(evaluation).length <= LIMITS.entries, `at most ${LIMITS.entries} entries`)
  .refine((evaluation) => Object.keys(evaluation).every((name) => Identifier.safeParse(name).success), "names are identifiers")
  .meta({ id: "Evaluation", description: "Results of an evaluation" });
/** What `graft eval --json` says of an adapter on some rows. */
export type Evaluation = z.infer<typeof Evaluation>;

/** Files that may stand beside an adapter, with what each must be. Nothing that a system would run is among them. */
export const ATTACHMENTS: Readonly<Record<"README.md" | "evaluation.json", (bytes: Uint8Array) => void>> = {
  "README.md": (bytes) => {
    const text = readText("README.md", bytes, LIMITS.readmeBytes);
    if (text.startsWith("#!")) throw refused("README.md", 'it begins with "#!", as a program does');
  },
  "evaluation.json": (bytes) => {
    const parsed = Evaluation.safeParse(readJson("evaluation.json", readText("evaluation.json", bytes, LIMITS.evaluationBytes)));
    if (parsed.success) return;
    const [issue] = parsed.error.issues;
    throw refused(
      "evaluation.json",
      `${issue?.path.join(".") || "it"}: ${issue?.message ?? "is malformed"}`,
      "Pass what graft eval --json printed",
    );
  },
};

/** A text of Unicode without control characters: so no program of any system, no archive and no pickle. ADAPTER_INVALID, LIMIT_EXCEEDED. */
function readText(path: string, bytes: Uint8Array, limit: number): string {
  if (bytes.length > limit)
    throw new GraftError("LIMIT_EXCEEDED", `Cannot accept ${path}: it has ${bytes.length} bytes, want at most ${limit}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refused(path, "it is no text in UTF-8", undefined, cause);
  }
  // oxlint-disable-next-line no-control-regex
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.exec(text)?.[0];
  if (control === undefined) return text;
  throw refused(path, `it holds the control character U+${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function readJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(path, "it is no JSON", "Pass what graft eval --json printed", cause);
  }
}

function refused(path: string, why: string, hint?: string, cause?: unknown): GraftError {
  return new GraftError("ADAPTER_INVALID", `Cannot accept ${path}: ${why}`, {
    detail: { reason: "attachment", path },
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
