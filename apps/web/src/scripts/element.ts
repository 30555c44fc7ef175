/** Makes an element with attributes and children; text is never read as HTML. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A table of texts, the first cell of each row its heading; numbers stand to the right. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly (string | number | Node)[])[]): HTMLElement {
  const cell = (value: string | number | Node): HTMLElement =>
    element("td", typeof value === "number" ? { class: "number" } : {}, value instanceof Node ? value : String(value));
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element(
        "tbody",
        {},
        ...rows.map(([first = "", ...rest]) =>
          element("tr", {}, element("th", { scope: "row" }, first instanceof Node ? first : String(first)), ...rest.map(cell)),
        ),
      ),
    ),
  );
}
