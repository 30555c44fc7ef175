// Keeps the site's own files for visits without a network. The models are kept by the library, in the origin's private file system.
const NAME = "site";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const own = event.data.keep.filter((url) => isOwn(new URL(url)));
  event.waitUntil(caches.open(NAME).then((cache) => Promise.allSettled(own.map((url) => cache.add(url)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && isOwn(new URL(request.url))) event.respondWith(answer(request));
});

function isOwn(url) {
  return url.origin === location.origin && !url.pathname.includes("/models/");
}

// The server first, so that a new version of the site is seen; what it said last where it does not answer.
async function answer(request) {
  const cache = await caches.open(NAME);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (cause) {
    const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate", ignoreVary: true });
    if (kept === undefined) throw cause;
    return kept;
  }
}
