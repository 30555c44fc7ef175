import type { Prediction } from "@graft/sdk/web";

/** What one adapter said, and how long it took to switch to it and ask. */
export interface Answer {
  readonly name: string;
  readonly prediction: Prediction | undefined;
  readonly milliseconds: number;
}

/** The element of the page that a selector means. */
export function find<Kind extends HTMLElement>(selector: string, kind: new () => Kind): Kind {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new TypeError(`The page has no ${selector}`);
}

/** Says how things stand. */
export function state(text: string): void {
  find("#state", HTMLElement).textContent = text;
}

/** Shows the answers, an entry for each adapter. */
export function showAnswers(answers: readonly Answer[]): void {
  find("#answers", HTMLUListElement).replaceChildren(
    ...answers.map(({ name, prediction, milliseconds }) => {
      const entry = document.createElement("li");
      const label = prediction !== undefined && "label" in prediction ? String(prediction.label) : "";
      const score = prediction?.scores[label] ?? 0;
      entry.dataset["adapter"] = name;
      entry.append(
        part("strong", label),
        part("span", `${Math.round(100 * score)} %`),
        part("span", `${name.startsWith("@") ? name : "your own"}, switched and answered in ${milliseconds.toFixed(1)} ms`),
      );
      return entry;
    }),
  );
}

function part(tag: "strong" | "span", text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
