import type { ArgsDef } from "citty";
import { GraftError, isGraftError } from "@graft/error";
import type { CheckpointInterval } from "@graft/train";
import type { TrainFileOptions } from "@graft/train/node";
import { numberArgument } from "../command.ts";
import { present } from "./present.ts";

/** Options of a run's checkpoints. */
export const CHECKPOINT_ARGS = {
  checkpoint: { type: "string", description: "Folder for checkpoints, from which a run that was stopped goes on", valueHint: "folder" },
  "checkpoint-every": {
    type: "string",
    description: "As in 100 (steps), 0.5epochs or 10minutes; an epoch, and five minutes, when left out",
    valueHint: "interval",
  },
  "keep-checkpoints": { type: "string", description: "Newest checkpoints that are kept", default: "2", valueHint: "number" },
  resume: {
    type: "string",
    description: "Folder of checkpoints to go on from, bit for bit, with the options as before",
    valueHint: "folder",
  },
} as const satisfies ArgsDef;

/** What CHECKPOINT_ARGS parse to. */
export interface CheckpointArguments {
  readonly checkpoint?: string | undefined;
  readonly "checkpoint-every"?: string | undefined;
  readonly "keep-checkpoints": string;
  readonly resume?: string | undefined;
}

/** Checkpoints as training takes them; USAGE. */
export function checkpointOptions(
  args: CheckpointArguments,
): Pick<TrainFileOptions, "checkpoint" | "checkpointEvery" | "keepCheckpoints" | "resume"> {
  const folder = args.resume ?? args.checkpoint;
  if (args["checkpoint-every"] !== undefined && folder === undefined)
    throw new GraftError("USAGE", "Cannot write checkpoints: --checkpoint-every is given without --checkpoint", {
      hint: "Add --checkpoint <folder>",
    });
  return {
    ...present({
      checkpoint: args.checkpoint,
      resume: args.resume,
      checkpointEvery: interval(args["checkpoint-every"]),
      keepCheckpoints: numberArgument(args["keep-checkpoints"], "keep-checkpoints", { least: 1, whole: true }),
    }),
  };
}

/** Whether a run ends by itself after Ctrl-C, to keep what it has reached. */
export function keepsCheckpoints({ checkpoint, resume }: CheckpointArguments): boolean {
  return (resume ?? checkpoint) !== undefined;
}

/** The error of a run that was cancelled, with the command line that goes on. */
export function withResumption(error: unknown, args: CheckpointArguments): unknown {
  const folder = args.resume ?? args.checkpoint;
  if (!isGraftError(error) || error.code !== "CANCELLED" || error.detail?.["checkpoint"] === undefined || folder === undefined)
    return error;
  const again = args.resume === undefined ? [...withoutCheckpoint(process.argv.slice(2)), "--resume", folder] : process.argv.slice(2);
  return new GraftError(error.code, error.message, {
    hint: `${error.hint ?? ""}. Go on with: graft ${again.map(quoted).join(" ")}`,
    detail: error.detail,
    cause: error,
  });
}

function interval(text: string | undefined): CheckpointInterval | undefined {
  if (text === undefined) return undefined;
  const [, number = "", unit = ""] = /^\s*([\d.]+)\s*([a-z]*)\s*$/.exec(text) ?? [];
  const value = Number(number);
  const name = /^(steps?)?$/.test(unit) ? "steps" : /^epochs?$/.test(unit) ? "epochs" : /^min(ute)?s?$/.test(unit) ? "minutes" : undefined;
  if (name !== undefined && value > 0 && (name !== "steps" || Number.isSafeInteger(value))) return { [name]: value };
  throw new GraftError("USAGE", `Cannot read --checkpoint-every "${text}": want a number of steps, epochs or minutes`, {
    hint: "As in 100, 0.5epochs or 10minutes",
  });
}

function withoutCheckpoint(words: readonly string[]): string[] {
  return words.filter((word, index) => !/^--checkpoint(=|$)/.test(word) && words[index - 1] !== "--checkpoint");
}

function quoted(word: string): string {
  return /^[\w./:=@,^-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
