import type { Manifest } from "@graft/format";
import type { StoredVersion } from "@graft/storage";

/** The page of a version that has no README of its own: what its manifest says, with the front matter that the Hub's clients read. */
export function modelCard(version: StoredVersion): string {
  const { base, method, task, targets, license, keywords = [], description } = version.manifest as Manifest;
  const front: readonly (readonly [string, unknown])[] = [
    ["library_name", "peft"],
    ["base_model", base.name],
    ["license", license],
    ["tags", keywords.length === 0 ? undefined : keywords],
  ];
  const lines = front.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${JSON.stringify(value)}`]));
  return [
    "---",
    ...lines,
    "---",
    "",
    `# ${version.name}@${version.version}`,
    "",
    ...(description === undefined ? [] : [description, ""]),
    `An adapter by \`${method.name}\` for ${task.type}, on ${targets.length} matrices of \`${base.name}\`.`,
    "",
    `- base: \`${base.fingerprint}\``,
    `- digest: \`${version.digest}\``,
    ...(task.labels.length === 0 ? [] : [`- labels: ${task.labels.slice(0, 50).map(code).join(", ")}`]),
    "",
  ].join("\n");
}

function code(label: string): string {
  return `\`${label.replaceAll("`", "'")}\``;
}
