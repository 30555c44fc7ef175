/** Waits until the site's own files are kept for visits without a network; the models keep themselves. Where there is no service worker, nothing is. */
export async function keepForOffline(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    const { active } = await navigator.serviceWorker.register("service-worker.js").then(() => navigator.serviceWorker.ready);
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    active?.postMessage({ keep: [location.href, ...loaded] }, []);
    // What is fetched from here on, by workers too, goes through it.
    if (navigator.serviceWorker.controller === null)
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  } catch (cause) {
    console.warn("This visit is not kept for offline use", cause);
  }
}
