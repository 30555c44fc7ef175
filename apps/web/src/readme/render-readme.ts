import hljs from "highlight.js/lib/common";
import MarkdownIt from "markdown-it";
import sanitizeHtml from "sanitize-html";

/** What a README may be made of. Everything else goes: scripts, styles, forms, frames, handlers, and addresses of other schemes. */
const ALLOWED: sanitizeHtml.IOptions = {
  allowedTags:
    "h1 h2 h3 h4 h5 h6 p br hr blockquote pre code span strong em s del sub sup ul ol li dl dt dd table thead tbody tr th td a details summary kbd".split(
      " ",
    ),
  allowedAttributes: {
    a: ["href", "title", "rel"],
    code: ["class"],
    span: ["class"],
    th: ["align"],
    td: ["align"],
    ol: ["start"],
    h1: ["id"],
    h2: ["id"],
    h3: ["id"],
  },
  // The classes that highlighting writes, and no others: a stranger must not dress as a part of the page.
  allowedClasses: { code: ["hljs", /^language-[\w-]+$/], span: [/^hljs-[\w-]+$/] },
  allowedSchemes: ["http", "https", "mailto"],
  allowProtocolRelative: false,
  disallowedTagsMode: "discard",
  nestingLimit: 40,
};

const markdown = new MarkdownIt({
  html: true,
  linkify: true,
  highlight: (code, language) => (hljs.getLanguage(language) === undefined ? "" : hljs.highlight(code, { language }).value),
});
// Nothing is loaded from elsewhere, and files of strangers are no pictures: an image is a link that says what it shows.
markdown.renderer.rules["image"] = (tokens, index) => {
  const token = tokens[index];
  const source = String(token?.attrGet("src") ?? "");
  const text = markdown.utils.escapeHtml(token?.content === "" || token === undefined ? source : token.content);
  return `<a href="${markdown.utils.escapeHtml(source)}">${text}</a>`;
};

/** Markdown of a stranger as safe HTML: headings start one level below the page's, and links outwards say nothing of where they come from. */
export function renderReadme(text: string): string {
  const html = sanitizeHtml(markdown.render(text), {
    ...ALLOWED,
    transformTags: {
      ...Object.fromEntries([1, 2, 3, 4, 5].map((level) => [`h${level}`, `h${level + 1}`])),
      // A version has no other files that a relative address could lead to.
      a: (tagName, { href = "", ...attributes }) => ({
        tagName,
        attribs: { ...attributes, ...(/^[a-z][a-z+.-]*:/i.test(href) ? { href, rel: "nofollow noopener noreferrer ugc" } : {}) },
      }),
    },
  });
  // A heading that says nothing is read out as nothing.
  return html.replaceAll(/<th[^>]*>\s*<\/th>/g, "<td></td>");
}
