/** Shows results while one types: the same page is fetched, and its results are put in place of these. */
const field = document.querySelector<HTMLInputElement>("#site-search");
const PAUSE = 150;
let waiting: ReturnType<typeof setTimeout> | undefined;
let asked: AbortController | undefined;

async function show(address: URL): Promise<void> {
  asked?.abort();
  asked = new AbortController();
  const response = await fetch(address, { signal: asked.signal, headers: { accept: "text/html" } });
  const found = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const id of ["results", "facets"]) {
    const [here, there] = [document.getElementById(id), found.getElementById(id)];
    if (here !== null && there !== null) here.replaceChildren(...there.childNodes);
  }
  document.title = found.title;
  history.replaceState(null, "", address);
}

function changed(): void {
  const address = new URL(location.href);
  address.searchParams.set("q", field?.value ?? "");
  address.searchParams.delete("cursor");
  clearTimeout(waiting);
  // What was typed since, or a connection that broke, leaves the results as they are: the form still sends itself.
  waiting = setTimeout(() => void show(address).catch(() => undefined), PAUSE);
}

field?.addEventListener("input", changed);
document.querySelector("#facets")?.addEventListener("change", (event) => (event.target as HTMLInputElement).form?.requestSubmit());
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
