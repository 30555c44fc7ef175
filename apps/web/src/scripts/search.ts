/** Shows results while one types or chooses: the same page is fetched, and its parts are put in place of these. */
const PARTS = ["results", "facets"];
const PAUSE = 150;
const field = document.querySelector<HTMLInputElement>("#site-search");
let waiting: ReturnType<typeof setTimeout> | undefined;
let asked: AbortController | undefined;

async function show(address: URL): Promise<void> {
  asked?.abort();
  asked = new AbortController();
  const response = await fetch(address, { signal: asked.signal, headers: { accept: "text/html" } });
  const found = new DOMParser().parseFromString(await response.text(), "text/html");
  const focused = document.activeElement instanceof HTMLInputElement ? selectorOf(document.activeElement) : undefined;
  for (const id of PARTS) {
    const [here, there] = [document.getElementById(id), found.getElementById(id)];
    if (here !== null && there !== null) here.replaceChildren(...there.childNodes);
  }
  // What one is at stays the place of the keyboard.
  if (focused !== undefined) document.querySelector<HTMLElement>(focused)?.focus();
  document.title = found.title;
  history.replaceState(null, "", address);
}

function selectorOf({ id, name, value }: HTMLInputElement): string {
  return id === "" ? `input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]` : `#${CSS.escape(id)}`;
}

/** What was asked for since, or a connection that broke, leaves the results as they are: the forms still send themselves. */
function showSoon(address: URL): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void show(address).catch(() => undefined), PAUSE);
}

field?.addEventListener("input", () => {
  const address = new URL(location.href);
  address.searchParams.set("q", field.value);
  address.searchParams.delete("cursor");
  showSoon(address);
});
document.querySelector("#facets")?.addEventListener("change", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  if (form === null) return;
  const entries = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  showSoon(new URL(`/search?${new URLSearchParams(entries).toString()}`, location.href));
});
// Results are reached with the arrows, as in a list of suggestions.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...document.querySelectorAll<HTMLAnchorElement>("#results h2 a")];
  const here = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (here < 0 && document.activeElement !== field) return;
  const next = here + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  (next < 0 ? field : links[Math.min(next, links.length - 1)])?.focus();
});
