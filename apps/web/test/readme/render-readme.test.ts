import { expect, test } from "vitest";
import { renderReadme } from "../../src/readme/render-readme.ts";
import { PAYLOADS } from "./payloads.ts";

test("Markdown becomes HTML, one level below the headings of the page, with coloured code", () => {
  const html = renderReadme(
    "# Title\n\nSome **text** and a [link](https://example.org).\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```js\nconst x = 1;\n```",
  );
  expect(html).toContain("<h2>Title</h2>");
  expect(html).toContain('<a href="https://example.org" rel="nofollow noopener noreferrer ugc">link</a>');
  expect(html).toContain("<table>");
  expect(html).toContain('<span class="hljs-keyword">const</span>');
});

test("a picture is a link that says what it shows, since nothing is loaded from elsewhere", () => {
  expect(renderReadme("![a chart](https://example.org/chart.png)")).toContain(">a chart</a>");
});

test("a relative link is its text, since a version has no other files", () => {
  expect(renderReadme("[the code](./train.py)")).toBe("<p><a>the code</a></p>\n");
});

test.each(PAYLOADS)("nothing that could run or load is left of %s", (payload) => {
  const html = renderReadme(payload);
  const tags = [...html.matchAll(/<([a-z][\w-]*)([^>]*)>/gi)];
  for (const [, name = "", attributes = ""] of tags) {
    expect(["p", "a", "pre", "code", "span", "h2", "table", "details", "br"]).toContain(name.toLowerCase());
    expect(attributes).not.toMatch(/\son\w+\s*=|style\s*=|srcdoc|\sid\s*=/i);
    for (const [, address = ""] of attributes.matchAll(/href="([^"]*)"/g)) expect(address).toMatch(/^(https?:\/\/|mailto:)/);
  }
});
