import { load, type PageModel, type Prediction } from "@graft/sdk/web";
import { size } from "../parts/size.ts";
import { written } from "../parts/written.ts";
import { element, table } from "./element.ts";

const EXAMPLE = "a small yellow bird that sings";
/** Labels that are shown of an answer, best first. */
const SHOWN = 3;

/** Runs adapters on their base in a worker of this tab, side by side, and the base alone beside them. */
class Try extends HTMLElement {
  #model: PageModel | undefined;
  readonly #status = element("p", { role: "status" });
  readonly #answers = element("div", { "aria-live": "polite" });

  connectedCallback(): void {
    const { adapter = "", others = "[]" } = this.dataset;
    const text = element("input", { id: "try-text", type: "text", value: EXAMPLE, maxlength: "1000" });
    const beside = (JSON.parse(others) as string[]).map((name) => {
      const box = element("input", { type: "checkbox", value: name });
      return { box, label: element("label", { class: "choice" }, box, ` ${name}`) };
    });
    const button = element("button", { type: "submit" }, "Run it here");
    const form = element(
      "form",
      {},
      element("p", {}, element("label", { for: "try-text" }, "A text"), text),
      ...(beside.length === 0 ? [] : [element("fieldset", {}, element("legend", {}, "Beside it"), ...beside.map(({ label }) => label))]),
      button,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.disabled = true;
      const names = [adapter, ...beside.filter(({ box }) => box.checked).map(({ box }) => box.value)];
      void this.#answer(text.value, names).finally(() => (button.disabled = false));
    });
    this.replaceChildren(form, this.#status, this.#answers);
  }

  disconnectedCallback(): void {
    void this.#model?.close();
  }

  async #answer(text: string, names: readonly string[]): Promise<void> {
    try {
      const model = await this.#loaded(names);
      const rows: (readonly string[])[] = [];
      for (const name of [...names, null]) {
        const begin = performance.now();
        const [prediction] = await model.run([text], { adapter: name });
        rows.push([name ?? "the base alone", describe(prediction), `${(performance.now() - begin).toFixed(1)} ms`]);
      }
      this.#status.textContent = "";
      this.#answers.replaceChildren(table(`“${text}”`, ["Adapter", "Answer", "Time"], rows));
    } catch (cause) {
      this.#status.textContent = "";
      this.#answers.replaceChildren(element("p", { class: "notice bad" }, cause instanceof Error ? cause.message : String(cause)));
    }
  }

  /** The model with these adapters: the base is loaded once, and what is missing is added. */
  async #loaded(names: readonly string[]): Promise<PageModel> {
    const progress = (name: string, done: number, total: number): void => {
      this.#status.textContent = `Fetching ${name}: ${size(done)} of ${size(total)}`;
    };
    this.#status.textContent = "Loading";
    this.#model ??= await load(this.dataset["base"] ?? "", {
      adapters: names,
      mode: "attach",
      registry: location.origin,
      device: "cpu",
      progress,
    });
    const known = new Set(this.#model.adapters.map(({ manifest }) => `${manifest.name}@${manifest.version}`));
    for (const name of names) if (!known.has(name)) await this.#model.add(name);
    return this.#model;
  }
}

/** An answer in words: labels with their scores, or the size and the first numbers of what came out. */
function describe(prediction: Prediction | undefined): string {
  if (prediction === undefined) return "";
  const scores = Object.entries(prediction.scores).toSorted(([, one], [, other]) => other - one);
  // A number that was learned is no share of anything.
  const [only] = scores;
  if (prediction.label === undefined && scores.length === 1 && only !== undefined) return written(only[1]);
  if (scores.length > 0) {
    const shown = scores.slice(0, SHOWN).map(([label, score]) => `${label} ${Math.round(score * 100)} %`);
    return shown.join(", ");
  }
  const values = prediction.embedding ?? prediction.logits;
  const first = Array.from(values.subarray(0, 3), written).join(", ");
  return values.length === 1 ? first : `${values.length.toLocaleString("en")} numbers: ${first}, …`;
}

customElements.define("graft-try", Try);
