import type { VersionRecord } from "@graft/protocol";
import { escapeXml } from "../feeds/escape-xml.ts";
import { size } from "../parts/size.ts";

/** Size that previews of links are shown at (Open Graph), in pixels. */
export const PICTURE = { width: 1200, height: 630 } as const;
const CHARACTERS = 46;
const LINES = 3;

/** A card for previews of links, as SVG: name, what it does, and the facts that one decides by. */
export function adapterPicture({ name, version, size: bytes, manifest }: VersionRecord): string {
  const about = manifest.description ?? `${manifest.task.type} on ${manifest.base.name}`;
  const lines = wrap(about).map(
    (line, index) => `<text x="80" y="${300 + index * 56}" font-size="40" fill="#17201c">${escapeXml(line)}</text>`,
  );
  const facts = [version, manifest.task.type, manifest.method.name, manifest.base.name, size(bytes)].join("  ·  ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PICTURE.width} ${PICTURE.height}" font-family="DejaVu Sans">
<rect width="100%" height="100%" fill="#ffffff"/><rect width="24" height="100%" fill="#0b6b4b"/>
<text x="80" y="120" font-size="36" font-weight="bold" fill="#0b6b4b">Graft</text>
<text x="80" y="220" font-size="${name.length > 34 ? 40 : 56}" font-weight="bold" fill="#17201c">${escapeXml(shorten(name, 48))}</text>
${lines.join("\n")}
<text x="80" y="560" font-size="30" fill="#51605a">${escapeXml(shorten(facts, 80))}</text></svg>`;
}

/** Lines that fit the card; what does not ends in an ellipsis. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || `${last} ${word}`.length > CHARACTERS) lines.push(shorten(word, CHARACTERS));
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.length <= LINES ? lines : [...lines.slice(0, LINES - 1), `${lines[LINES - 1] ?? ""} …`];
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
