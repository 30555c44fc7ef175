import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkpointOutline, type Config } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import { type BaseShapes, baseShapes, KNOWN_SIZES, type PlanBase, transformerShapes } from "@graft/methods";
import { locateBase } from "../local-bases.ts";

/** What is counted over: shapes, and where there is a graph, what a head is planned from. */
export interface CountBase {
  readonly name: string;
  readonly shapes: BaseShapes;
  readonly plan?: PlanBase;
  readonly heads: number;
  /** Longest row in tokens, where it is known. */
  readonly maxLength?: number;
}

/** The base whose header is read, a config.json, or a model that is known by name. FILE_NOT_FOUND, USAGE, and codes of openBase. */
export async function countBase(options: { readonly base?: string | undefined; readonly shapes?: string | undefined }): Promise<CountBase> {
  if ((options.base === undefined) === (options.shapes === undefined))
    throw new GraftError(
      "USAGE",
      `Cannot count: ${options.base === undefined ? "there is nothing to count over" : "--base and --shapes are both given"}`,
      {
        hint: "Pass --base with a checkpoint or an ONNX file, or --shapes with a config.json or a name such as gpt2-medium",
      },
    );
  if (options.base !== undefined) {
    const base = await openBase(await locateBase(options.base), { allowMerged: true });
    return {
      name: base.name,
      shapes: baseShapes(base),
      plan: base,
      heads: headsOf(base.config, base.hiddenSize),
      maxLength: base.maxLength,
    };
  }
  const name = options.shapes ?? "";
  if (Object.hasOwn(KNOWN_SIZES, name)) {
    const size = KNOWN_SIZES[name] as (typeof KNOWN_SIZES)[string];
    return { name, shapes: transformerShapes(size), heads: size.heads, maxLength: size.positions };
  }
  const config = await readConfig(name);
  const outline = checkpointOutline(config);
  return {
    name: basename(name),
    shapes: baseShapes(outline),
    plan: outline,
    heads: headsOf(config, outline.hiddenSize),
    maxLength: outline.maxLength,
  };
}

async function readConfig(path: string): Promise<Config> {
  const facts = await stat(path).catch((cause: unknown) => {
    if (/[/.]/.test(path)) throw fileError(cause, `read the shapes "${path}"`);
    throw new GraftError("USAGE", `Cannot count over "${path}": no model is known by that name`, {
      hint: `Pass a config.json, or one of ${Object.keys(KNOWN_SIZES).join(", ")}`,
    });
  });
  const file = facts.isDirectory() ? join(path, "config.json") : path;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw fileError(cause, `read the shapes "${path}"`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Config;
  } catch {
    // Said below, with what is no object.
  }
  throw new GraftError("BASE_INVALID", `Cannot read the shapes "${path}": it is no JSON object`, {
    hint: "Pass the config.json of a checkpoint",
  });
}

/** Heads of attention as config.json names them; of width 64 where it does not. */
function headsOf(config: Config | undefined, hiddenSize: number): number {
  for (const key of ["num_attention_heads", "n_head", "n_heads"]) {
    const value = config?.[key];
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  }
  return Math.max(1, Math.round(hiddenSize / 64));
}
