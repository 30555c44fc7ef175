/** Tells whether a module path matches: `query` and `self.query` match its end, `*` stands for one name or a part of it, `**` for any number. */
export function modulePattern(pattern: string): (module: string) => boolean {
  const source = pattern
    .split(/(\*\*|\*|\?)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^.]*" : part === "?" ? "[^.]" : part.replaceAll(/[^\w-]/g, String.raw`\$&`)))
    .join("");
  const expression = new RegExp(`(?:^|\\.)${source}$`);
  return (module) => expression.test(module);
}
