const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Text as it may stand in XML; characters that XML 1.0 has no place for (\p{Cc} but tab and line ends, and two more) are dropped. */
export function escapeXml(text: string): string {
  return text.replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "").replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
