import type { Manifest } from "@graft/format";
import type { DemoAdapter } from "./adapters.ts";

/** README and evaluation of a demo adapter: what it does, how it was made, and the figures of its own training run. */
export function describe(
  { name, version, description, task }: DemoAdapter,
  { method, training }: Manifest,
): { readonly path: "README.md" | "evaluation.json"; readonly bytes: Uint8Array }[] {
  const { data, evaluation, metrics = {}, epochs } = training ?? {};
  const readme = [
    `# ${name.split("/")[1]}`,
    `${description}.`,
    "## Use it",
    `\`\`\`ts\n${program(`${name}@${version}`)}\n\`\`\``,
    "## How it was made",
    [
      "| what | |",
      "|---|---|",
      `| task | ${task} |`,
      `| method | ${method.name} |`,
      `| rows | ${data?.rows ?? 0} of the gloss topics, which are WordNet definitions |`,
      `| epochs | ${epochs ?? 0} |`,
    ].join("\n"),
    "It was trained in seconds to have something to look at; do not expect much of it.\n",
  ].join("\n\n");
  const results = { rows: evaluation?.rows ?? 0, ...metrics };
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  return [
    { path: "README.md", bytes: encode(readme) },
    ...(results.rows === 0 ? [] : [{ path: "evaluation.json", bytes: encode(JSON.stringify(results)) } as const]),
  ];
}

/** The lines that run an adapter. */
function program(specifier: string): string {
  return [
    'import { load } from "@graft/sdk";',
    "",
    `await using model = await load("./tiny-english", { adapters: ["${specifier}"] });`,
    'console.log(await model.run(["a small yellow bird that sings"]));',
  ].join("\n");
}
