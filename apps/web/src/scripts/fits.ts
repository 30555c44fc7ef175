import { askWorker } from "./ask-worker.ts";
import { element } from "./element.ts";
import type { FileIdentity } from "./fits-worker.ts";

/** Lets a model be dropped: a worker tells what it is, and the registry which adapters fit. The file stays where it is. */
class Fits extends HTMLElement {
  #asked: AbortController | undefined;

  connectedCallback(): void {
    const input = element("input", { type: "file", id: "model", accept: ".onnx,.safetensors" });
    const drop = element(
      "div",
      { class: "drop" },
      element("label", { for: "model" }, "Drop an .onnx or .safetensors file here, or choose one "),
      input,
    );
    const answer = element("div", { "aria-live": "polite" });
    this.replaceChildren(drop, answer);
    input.addEventListener("change", () => void this.#look(input.files?.[0], answer));
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      void this.#look(event.dataTransfer?.files[0], answer);
    });
  }

  async #look(file: File | undefined, place: HTMLElement): Promise<void> {
    if (file === undefined) return;
    this.#asked?.abort();
    const { signal } = (this.#asked = new AbortController());
    const stage = element("p", {}, "Reading the file");
    const progress = element("progress", { max: "1", value: "0", "aria-label": "How far" });
    place.replaceChildren(stage, progress);
    const told = (share: number, text: string): void => {
      progress.value = share;
      stage.textContent = `${text}, ${Math.round(share * 100)} %`;
    };
    try {
      const worker = new Worker(new URL("./fits-worker.ts", import.meta.url), { type: "module" });
      const identity = await askWorker<FileIdentity>(worker, file, { told, signal });
      const response = await fetch("/fits", {
        method: "POST",
        body: JSON.stringify(identity),
        headers: { "content-type": "application/json" },
        signal,
      });
      const found = new DOMParser().parseFromString(await response.text(), "text/html");
      const answer = found.querySelector("#answer") ?? found.querySelector("main");
      place.replaceChildren(...(answer?.childNodes ?? []));
    } catch (cause) {
      if (!signal.aborted)
        place.replaceChildren(element("p", { class: "notice bad" }, cause instanceof Error ? cause.message : String(cause)));
    }
  }
}

customElements.define("graft-fits", Fits);
