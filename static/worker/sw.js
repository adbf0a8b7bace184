// VERSION and SHELL are put in front of this text by the server; a changed file makes a new VERSION.
// Never touched: anything but GET, other hosts, /api/, and every page a person reads. Only the shell is kept.
"use strict";
const CACHE = "pasar-" + VERSION;
const OFFLINE = "/offline";

self.addEventListener("install", (event) => event.waitUntil(keepShell()));
self.addEventListener("activate", (event) => event.waitUntil(dropOld()));
self.addEventListener("message", (event) => { if (event.data === "SKIP_WAITING") self.skipWaiting(); });
self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  else if (SHELL.includes(url.pathname + url.search)) event.respondWith(fromShell(request));
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  // One at a time and each on its own: a single bad file must not keep the whole shell away.
  await Promise.allSettled(SHELL.map(async (path) => {
    const response = await fetch(new Request(path, { credentials: "omit", cache: "reload" }));
    if (response.ok && !response.redirected) await cache.put(path, response);
  }));
}

async function dropOld() {
  for (const name of await caches.keys()) if (name.startsWith("pasar-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

async function fromShell(request) {
  return (await (await caches.open(CACHE)).match(request)) || fetch(request);
}

async function kept(path) {
  return (await (await caches.open(CACHE)).match(path)) || Response.error();
}
