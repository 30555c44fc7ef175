import { GraftError } from "@graft/error";
import { writeFileWhole } from "@graft/files";
import { combine as combineFiles, COMBINE_HOW, type CombineHow } from "@graft/sdk";
import { formatBytes } from "@graft/terminal";
import { checkOutputFile } from "../check-output.ts";
import { command, numberArgument } from "../command.ts";
import { REGISTRY_ARGS } from "../registry-options.ts";
import { VERSION } from "../version.ts";

/** `graft combine`: one adapter of several, by weights. */
export const combine = command({
  name: "combine",
  description: "Make one adapter of several on the same base: weighted sums, as PEFT has them",
  examples: [
    "graft combine topics.safetensors tone.safetensors --weights 0.7,0.3 --head 1 --output both.safetensors",
    "graft combine @acme/topics @acme/news --how svd --rank 8 --output both.safetensors",
    "graft combine a.safetensors b.safetensors c.safetensors --how ties --density 0.5 --output merged.safetensors",
  ],
  args: {
    ...REGISTRY_ARGS,
    adapters: { type: "positional", description: "Files, or @scope/name@range of a registry; two or more", required: true },
    how: { type: "enum", description: "How; _svd works on whole deltas", options: [...COMBINE_HOW], default: "linear" },
    weights: { type: "string", description: "A number for each, with commas between; 1 for all when left out", valueHint: "numbers" },
    rank: { type: "string", description: "Rank of what svd makes; the largest of theirs when left out", valueHint: "number" },
    density: { type: "string", description: "Share of the numbers that ties, dare and magnitude_prune keep", valueHint: "0-1" },
    majority: { type: "enum", description: "What elects a sign in ties", options: ["total", "frequency"], default: "total" },
    seed: { type: "string", description: "Of what dare drops", default: "0", valueHint: "number" },
    head: { type: "string", description: "Whose head is taken where theirs differ: 1 for the first", valueHint: "number" },
    output: { type: "string", description: "File to write", required: true, valueHint: "file" },
  },
  repeats: true,
  run: async ({ args, output }) => {
    const given = args._.map(String);
    const weights = args.weights === undefined ? given.map(() => 1) : args.weights.split(",").map((text) => weightOf(text));
    if (weights.length !== given.length)
      throw new GraftError("USAGE", `Cannot combine ${given.length} adapters: ${weights.length} weights are given`, {
        hint: "Give one for each, as in --weights 0.7,0.3",
      });
    await checkOutputFile(args.output);
    const head = numberArgument(args.head, "head", { least: 1, whole: true });
    const { bytes, manifest } = await combineFiles(
      given.map((adapter, index) => ({ adapter, weight: weights[index] ?? 1 })),
      {
        how: args.how as CombineHow,
        rank: numberArgument(args.rank, "rank", { least: 1, whole: true }),
        density: numberArgument(args.density, "density", { least: 0 }),
        majority: args.majority as "total" | "frequency",
        seed: numberArgument(args.seed, "seed", { least: 0, whole: true }),
        ...(head === undefined ? {} : { head: head - 1 }),
        writer: { name: "graft", version: VERSION },
        registry: args.registry,
        token: args.token,
      },
    );
    await writeFileWhole(args.output, bytes);
    output.line(`Wrote ${args.output}: ${manifest.targets.length} targets, ${formatBytes(bytes.length)}`);
    output.result({ path: args.output, size: bytes.length, combination: manifest.combination });
  },
});

function weightOf(text: string): number {
  const weight = Number(text);
  if (text.trim() !== "" && Number.isFinite(weight)) return weight;
  throw new GraftError("USAGE", `Cannot read the weight "${text}": want a number`);
}
