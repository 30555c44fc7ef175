import uPlot from "uplot";
import { askWorker } from "./ask-worker.ts";
import { element, table } from "./element.ts";
import type { InsideAnswers, InsideWork } from "./inside-worker.ts";
import { size as shownSize } from "../parts/size.ts";
import { written as shownNumber } from "../parts/written.ts";

/** Looks into an adapter's file: its header first, then only what is asked for. */
class Inside extends HTMLElement {
  connectedCallback(): void {
    const tensors = element("section", {}, element("p", { class: "quiet-text" }, "Reading the header"));
    const spectrum = element("section", { "aria-live": "polite" });
    const button = element("button", { type: "button" }, "What did each target learn?");
    button.addEventListener("click", () => void this.#showSpectrum(button, spectrum));
    this.replaceChildren(button, spectrum, tensors);
    void this.#showTensors(tensors);
  }

  #ask<Kind extends InsideWork["kind"]>(
    work: Extract<InsideWork, { kind: Kind }>,
    told?: (share: number) => void,
  ): Promise<InsideAnswers[Kind]> {
    const worker = new Worker(new URL("./inside-worker.ts", import.meta.url), { type: "module" });
    return askWorker<InsideAnswers[Kind]>(worker, work, told === undefined ? {} : { told });
  }

  get #digest(): string {
    return this.dataset["digest"] ?? "";
  }

  async #showTensors(place: HTMLElement): Promise<void> {
    try {
      const lines = await this.#ask({ kind: "tensors", digest: this.#digest });
      const detail = element("div", { "aria-live": "polite" });
      const rows = lines.map(({ name, dtype, shape, bytes }) => {
        const open = element("button", { type: "button", class: "link" }, name);
        open.addEventListener("click", () => void this.#showTensor(name, detail));
        return [open, dtype, shape.join(" × "), shownSize(bytes)];
      });
      place.replaceChildren(
        element("h2", {}, "Tensors"),
        detail,
        table(`${lines.length} tensors; choose one to read it`, ["Name", "Type", "Shape", "Size"], rows),
      );
    } catch (cause) {
      place.replaceChildren(problem(cause));
    }
  }

  async #showTensor(name: string, place: HTMLElement): Promise<void> {
    place.replaceChildren(element("p", {}, `Reading ${name}`));
    try {
      const { histogram, least, most, ...numbers } = await this.#ask({ kind: "tensor", digest: this.#digest, name });
      const step = (most - least) / histogram.length;
      const middles = histogram.map((_, index) => least + (index + 0.5) * step);
      const plot = element("div", { role: "img", "aria-label": `Histogram of ${name}; the table below has the same numbers` });
      place.replaceChildren(
        element("h3", {}, name),
        plot,
        table(
          "Of all values",
          ["Statistic", "Value"],
          Object.entries({ ...numbers, least, most }).map(([key, value]) => [key, shownNumber(value)]),
        ),
        element(
          "details",
          {},
          element("summary", {}, "The histogram as a table"),
          table(
            "Values by size",
            ["From", "Count"],
            histogram.map((count, index) => [shownNumber(least + index * step), count]),
          ),
        ),
      );
      drawBars(plot, { x: middles, y: histogram, label: "values" });
      place.scrollIntoView({ block: "nearest" });
    } catch (cause) {
      place.replaceChildren(problem(cause));
    }
  }

  async #showSpectrum(button: HTMLButtonElement, place: HTMLElement): Promise<void> {
    button.disabled = true;
    const progress = element("progress", { max: "1", value: "0", "aria-label": "How far" });
    place.replaceChildren(progress);
    try {
      const { spectra, picture } = await this.#ask({ kind: "spectrum", digest: this.#digest }, (share) => (progress.value = share));
      if (spectra.length === 0) return place.replaceChildren(element("p", {}, "This method learns no products of two factors."));
      const drawing = element("div", {
        class: "scroll",
        role: "img",
        "aria-label": "Strength of every direction of every target; the table below has the numbers",
      });
      // Made by the code above from numbers and checked module names, as an XML document of its own.
      drawing.append(document.adoptNode(new DOMParser().parseFromString(picture, "image/svg+xml").documentElement));
      const rows = spectra.map(({ module, rank, effectiveRank, rank99, norm, singularValues }) => [
        module,
        rank,
        Number(effectiveRank.toFixed(2)),
        rank99,
        shownNumber(norm),
        singularValues.slice(0, 4).map(shownNumber).join(", "),
      ]);
      place.replaceChildren(
        element("h2", {}, "What each target learned"),
        drawing,
        table("Singular values of every delta", ["Target", "Rank", "Effective rank", "Hold 99 %", "Norm", "Largest"], rows),
      );
    } catch (cause) {
      place.replaceChildren(problem(cause));
    } finally {
      button.disabled = false;
    }
  }
}

function drawBars(
  place: HTMLElement,
  { x, y, label }: { readonly x: readonly number[]; readonly y: readonly number[]; readonly label: string },
): uPlot {
  const colour = getComputedStyle(place).getPropertyValue("--accent");
  const ink = getComputedStyle(place).color;
  const axis = { stroke: ink, grid: { stroke: `${ink}22` } };
  const bars = uPlot.paths.bars?.({ size: [1] });
  return new uPlot(
    {
      width: place.clientWidth,
      height: 180,
      legend: { show: false },
      scales: { x: { time: false } },
      axes: [axis, axis],
      series: [{}, { label, fill: colour, ...(bars === undefined ? {} : { paths: bars }) }],
    },
    [[...x], [...y]],
    place,
  );
}

function problem(cause: unknown): HTMLElement {
  return element("p", { class: "notice bad" }, cause instanceof Error ? cause.message : String(cause));
}

customElements.define("graft-inside", Inside);
