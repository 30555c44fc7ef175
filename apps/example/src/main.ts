import "./style.css";
import { load, type PageModel, train } from "@graft/sdk/web";
import { keepForOffline } from "./keep-for-offline.ts";
import { readRows } from "./read-rows.ts";
import { find, showAnswers, state } from "./show.ts";

/** Folder of the site with the base and its adapters, as scripts/make-models.ts writes it. */
const MODELS = new URL("models", document.baseURI).href;

await keepForOffline();
const begin = performance.now();
const model = await load(MODELS, { progress: (name, done, total) => state(`Fetching ${name}: ${Math.round((100 * done) / total)} %`) });
state(`Ready after ${Math.round(performance.now() - begin)} ms: ${model.adapters.length} adapters on one base`);
for (const button of document.querySelectorAll("button")) button.disabled = false;

find("#ask", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void answer(model);
});
find("#teach", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void teach(model);
});
await answer(model);

/** Every adapter answers in turn: between two of them nothing is loaded, only what is fed to the base changes. */
async function answer(asked: PageModel): Promise<void> {
  const text = find("#text", HTMLInputElement).value;
  const answers = [];
  for (const { name } of asked.adapters) {
    const before = performance.now();
    asked.switch(name);
    const [prediction] = await asked.run([text]);
    answers.push({ name, prediction, milliseconds: performance.now() - before });
  }
  showAnswers(answers);
}

async function teach(taught: PageModel): Promise<void> {
  const rows = readRows(find("#rows", HTMLTextAreaElement).value);
  const button = find("#teach button", HTMLButtonElement);
  button.disabled = true;
  try {
    const bytes = await train(MODELS, {
      rows,
      method: { name: "lora", rank: 4, alpha: 8 },
      epochs: 12,
      batchSize: 5,
      learningRate: 5e-3,
      maxLength: 32,
      progress: (step, steps, loss) => state(`Step ${step} of ${steps}, loss ${loss.toFixed(3)}`),
    });
    await taught.add(bytes);
    state(`Learned from ${rows.length} sentences`);
    await answer(taught);
  } catch (cause) {
    state(cause instanceof Error ? cause.message : String(cause));
  } finally {
    button.disabled = false;
  }
}
