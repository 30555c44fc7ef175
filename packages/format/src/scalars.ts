import { isTensorName } from "@graft/safetensors";
import { z } from "zod";
import { LIMITS } from "./limits.ts";

/** Characters that hide or reorder text: controls, zero-width spaces and bidirectional marks. Joiners stay: Persian and Hindi need them. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** A text of bounded length for people, without hidden characters. */
export function text(length: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(length)
    .refine((value) => value.isWellFormed() && !HIDDEN.test(value), "the text holds a hidden character");
}

/** A sha256 as text; the template literal is checked by the pattern. */
export const DigestText = z
  .templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)], 'want "sha256:" and 64 lower-case hex digits')
  .meta({ id: "Digest", description: "sha256 of bytes" });

/** A language by its BCP 47 tag: `en`, `pt-BR`, `zh-Hant`. */
export const LanguageTag = z
  .string()
  .max(LIMITS.keywordLength)
  .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, "want a language tag such as en or pt-BR")
  .meta({ id: "LanguageTag", description: "A language by its BCP 47 tag" });

/** A word that names an option, a metric or a method. */
export const Identifier = z
  .string()
  .max(64)
  .regex(/^[a-z][A-Za-z0-9_.-]*$/, "want an identifier that starts with a lower-case letter")
  .meta({ id: "Identifier", description: "A word that names an option, a metric or a method" });

/** Path of a module in the class of the task: `bert.encoder.layer.0.attention.self.query`. */
export const Module = z
  .string()
  .max(LIMITS.moduleLength)
  .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/, "want a module path of letters, digits, _ and - joined by dots")
  .meta({ id: "Module", description: "Path of a module in the transformers class of the task" });

/** Name of a tensor in the file. */
export const Key = z
  .string()
  .max(256)
  .regex(/^base_model\.model\.[A-Za-z0-9_.-]+$/, 'want a key that starts with "base_model.model."')
  .refine(isTensorName, "want a plain tensor name")
  .meta({ id: "Key", description: "Name of a tensor in the file" });

/** Name of a file beside others: a relative path that does not climb. */
export const FileName = text(LIMITS.textLength)
  .refine(
    (name) => !/^\/|\\|^[A-Za-z]:|[\t\n]/.test(name) && !name.split("/").some((part) => part === ".." || part === "." || part === ""),
    "want a relative path without . and ..",
  )
  .meta({ id: "FileName", description: "Relative path of a file" });

/** A size or a count of at least one. */
export const Dimension = z.int().min(1).max(LIMITS.dimension).meta({ id: "Dimension", description: "A size of at least one" });

/** A count of zero and more. */
export const Count = z.int().min(0).meta({ id: "Count", description: "A count of zero and more" });

/** What an option or a hyper-parameter may be. */
export const Scalar = z
  .union([
    z.number(),
    z.boolean(),
    z.null(),
    z.string().max(LIMITS.textLength),
    z.array(z.string().max(LIMITS.textLength)).max(LIMITS.entries),
  ])
  .meta({ id: "Scalar", description: "Value of an option or a hyper-parameter" });

/** A small table whose keys are identifiers. */
export function table<T extends z.ZodType>(value: T): z.ZodRecord<typeof Identifier, T> {
  return z
    .record(Identifier, value)
    .refine((entries) => Object.keys(entries).length <= LIMITS.entries, `at most ${LIMITS.entries} entries`);
}
