import { written } from "../parts/written.ts";
import { askWorker } from "./ask-worker.ts";
import type { Movement } from "./difference-worker.ts";
import { element, table } from "./element.ts";

const SVG = "http://www.w3.org/2000/svg";
const CELL = 22;

/** Shows per target how far the weights moved between two versions, as a heat map and as a table. */
class Difference extends HTMLElement {
  connectedCallback(): void {
    const button = element("button", { type: "button" }, "Compare the weights");
    button.addEventListener("click", () => void this.#compare());
    this.replaceChildren(button, element("div", { "aria-live": "polite" }));
  }

  async #compare(): Promise<void> {
    const { before = "", after = "", names = "" } = this.dataset;
    const [older = "", newer = ""] = names.split(" ");
    const progress = element("progress", { max: "1", value: "0", "aria-label": "How far" });
    this.lastElementChild?.replaceChildren(progress);
    try {
      const worker = new Worker(new URL("./difference-worker.ts", import.meta.url), { type: "module" });
      const movements = await askWorker<readonly Movement[]>(worker, [before, after], { told: (share) => (progress.value = share) });
      if (movements.length === 0) throw new Error("The two versions have no target with two factors in common");
      const rows = movements.map((one) => [
        one.module,
        written(one.before),
        written(one.after),
        written(one.cosine),
        written(one.similarity),
      ]);
      this.replaceChildren(
        heatMap(movements),
        table("Every target", ["Target", `Norm in ${older}`, `Norm in ${newer}`, "Cosine", "Shared subspace"], rows),
      );
    } catch (cause) {
      this.lastElementChild?.replaceChildren(element("p", { class: "notice bad" }, cause instanceof Error ? cause.message : String(cause)));
    }
  }
}

/** Layers from left to right, modules from top to bottom; the fuller a cell, the more its target moved (1 − cosine). */
function heatMap(movements: readonly Movement[]): HTMLElement {
  const places = movements.map(({ module, cosine }) => ({ ...place(module), moved: Math.min(1, 1 - cosine) }));
  const layers = [...new Set(places.map(({ layer }) => layer))].toSorted((one, other) => one - other);
  const kinds = [...new Set(places.map(({ kind }) => kind))];
  const label = Math.max(...kinds.map((kind) => kind.length)) * 7 + 10;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${label + layers.length * CELL} ${kinds.length * CELL}`);
  svg.setAttribute("width", String(label + layers.length * CELL));
  svg.classList.add("chart", "true-size");
  for (const [row, kind] of kinds.entries()) svg.append(shape("text", { x: 0, y: row * CELL + 15 }, kind));
  for (const { layer, kind, moved } of places) {
    const cell = { x: label + layers.indexOf(layer) * CELL, y: kinds.indexOf(kind) * CELL, width: CELL - 2, height: CELL - 2 };
    svg.append(shape("rect", { ...cell, class: "bar-back" }), shape("rect", { ...cell, class: "heat", "fill-opacity": moved }));
  }
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "How far each target moved; the table below has the numbers");
  const figure = element("figure");
  figure.append(
    svg,
    element("figcaption", { class: "small quiet-text" }, "One column for each layer; the fuller a square, the further its target moved."),
  );
  return figure;
}

/** The number in a module's name is its layer; what follows names its kind. */
function place(module: string): { layer: number; kind: string } {
  const found = /\.(\d+)\.(.+)$/.exec(module);
  return found === null ? { layer: -1, kind: module } : { layer: Number(found[1]), kind: found[2] ?? "" };
}

function shape(name: "rect" | "text", attributes: Readonly<Record<string, string | number>>, text = ""): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

customElements.define("graft-difference", Difference);
