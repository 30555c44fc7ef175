import { escapeHtml, type Table, tableHtml } from "./html.ts";
import { type Plot, plotHtml } from "./plot.ts";

/** A part of a report: a heading, and under it text, pictures and tables. */
export interface Section {
  readonly title: string;
  readonly text?: string;
  readonly plots?: readonly Plot[];
  /** Pictures as SVG, put in as they are: only for markup of our own making. */
  readonly pictures?: readonly string[];
  readonly tables?: readonly (Table & { readonly caption: string })[];
}

const STYLE = `
:root { color-scheme: light dark; --text: #1a1a1a; --soft: #5c5c5c; --line: #d5d5d5; --page: #ffffff; --c0: #1f5fbf; --c1: #b4471a; --c2: #1c7a4b; --c3: #7a3fa0; }
@media (prefers-color-scheme: dark) { :root { --text: #ececec; --soft: #a8a8a8; --line: #3d3d3d; --page: #161616; --c0: #7fb0ff; --c1: #ff9d73; --c2: #74d3a2; --c3: #d3a3f5; } }
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
figure { margin: 1.2rem 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.9rem; } caption { text-align: left; color: var(--soft); }
th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; } details { color: var(--soft); font-size: 0.9rem; }
.curve { fill: none; stroke-width: 1.6; } circle.curve { fill: currentColor; } .grid { stroke: var(--line); } .mark { stroke: var(--soft); stroke-dasharray: 4 3; }
.axis { fill: var(--soft); font-size: 11px; } .key { font-weight: 600; }
.curve-0 { stroke: var(--c0); color: var(--c0); } .curve-1 { stroke: var(--c1); color: var(--c1); stroke-dasharray: 6 2; } .curve-2 { stroke: var(--c2); color: var(--c2); stroke-dasharray: 2 2; } .curve-3 { stroke: var(--c3); color: var(--c3); stroke-dasharray: 8 3 2 3; }
`.trim();

/** One HTML file that needs nothing besides itself: no script, no font, no network; light or dark as the reader has it. */
export function pageHtml(title: string, sections: readonly Section[]): string {
  const parts = sections.map(({ title: heading, text, plots = [], pictures = [], tables = [] }) =>
    [
      `<section><h2>${escapeHtml(heading)}</h2>`,
      ...(text === undefined ? [] : [`<p>${escapeHtml(text)}</p>`]),
      ...plots.map(plotHtml),
      ...pictures.map((picture) => `<figure>${picture}</figure>`),
      ...tables.map((table) => tableHtml(table, table.caption)),
      "</section>",
    ].join("\n"),
  );
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>`,
    `<body><main><h1>${escapeHtml(title)}</h1>`,
    ...parts,
    "</main></body></html>\n",
  ].join("\n");
}
