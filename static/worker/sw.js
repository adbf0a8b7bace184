// VERSION and SHELL are put in front of this text by the server; a changed file makes a new VERSION.
// Never touched: anything but GET, other hosts, /api/, and every page a person reads. Only the shell is kept.
"use strict";
const CACHE = "pasar-" + VERSION;
const OFFLINE = "/offline", PATIENCE = 4000, LIFE = 2000;
const PAGES = SHELL.filter((path) => !path.startsWith("/static/"));

self.addEventListener("install", (event) => event.waitUntil(keepShell()));
self.addEventListener("activate", (event) => event.waitUntil(dropOld()));
self.addEventListener("message", (event) => { if (event.data === "SKIP_WAITING") self.skipWaiting(); });
self.addEventListener("fetch", (event) => {
  const request = event.request, { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || pathname.startsWith("/api/")) return;
  if (PAGES.includes(pathname)) event.respondWith(fromShell(pathname, request));
  else if (request.mode === "navigate") event.respondWith(navigate(request));
  else if (SHELL.includes(pathname + search)) event.respondWith(fromShell(pathname + search, request));
});

async function keepShell() {
  const older = (await caches.keys()).some(shellOfOurs), cache = await caches.open(CACHE);
  try {
    await Promise.all(SHELL.map(async (path) => {
      const response = await fetch(new Request(path, { credentials: "omit", cache: "no-cache" }));
      // Where no whole shell is at hand, one bad file must not keep all of it away; else the older one stays.
      if (response.ok && !response.redirected) await cache.put(path, response);
      else if (older) throw new Error(path);
    }));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function dropOld() {
  for (const name of await caches.keys()) if (shellOfOurs(name)) await caches.delete(name);
  await self.clients.claim();
}

function shellOfOurs(name) { return name.startsWith("pasar-") && name !== CACHE; }

async function navigate(request) {
  const page = fetch(request);
  // A stall that hangs is as good as gone; one that is only slow still says so on /healthz, and is waited for.
  const away = sleep(PATIENCE).then(async () => { if (!(await alive())) throw new Error("away"); return page; });
  return Promise.race([page, away]).catch(() => fromShell(OFFLINE, request));
}

async function alive() {
  const asked = fetch("/healthz", { cache: "no-store", credentials: "omit" });
  return Promise.race([asked.then((answer) => answer.ok), sleep(LIFE).then(() => false)]).catch(() => false);
}

async function fromShell(path, request) {
  const cache = await caches.open(CACHE), kept = await cache.match(path);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && !response.redirected && path.startsWith("/static/")) await cache.put(path, response.clone());
  return response;
}

function sleep(ms) { return new Promise((done) => setTimeout(done, ms)); }
