// Registers the service worker and brings in a new version: when a page opens and nothing is typed in any page of the
// app, else by the button. A page with something typed in it is never reloaded. Offers to install where that is possible.
"use strict";
const HOUR = 3600000, USED = "pasar-typed";
let asked = false, marked = false;

const typed = () => [...document.forms].some((form) => form.dataset.typed);
const used = async () => typed() || Boolean(navigator.locks && (await navigator.locks.query()).held.some((each) => each.name === USED));

// Tells the app's other pages that something is typed here, until this page is left.
addEventListener("input", () => {
  if (marked || !navigator.locks || !typed()) return;
  marked = true;
  navigator.locks.request(USED, { mode: "shared" }, () => new Promise(() => {}));
});

async function offer(registration, opening) {
  const bar = document.getElementById("versi-baru");
  if (!registration.waiting || !navigator.serviceWorker.controller || !bar) return;
  if (opening && !(await used())) { registration.waiting.postMessage("SKIP_WAITING"); return; }
  bar.hidden = false;
  bar.querySelector("button").onclick = async () => {
    if (await used()) { bar.querySelector("[data-typed]").hidden = false; return; }
    asked = true;
    registration.waiting.postMessage("SKIP_WAITING");
  };
}

async function start() {
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
  offer(registration, true);
  registration.addEventListener("updatefound", () => {
    registration.installing.addEventListener("statechange", () => offer(registration, false));
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (asked && !typed()) location.reload(); });
  setInterval(() => registration.update().catch(() => {}), HOUR);
}

addEventListener("beforeinstallprompt", (event) => {
  const place = document.querySelector("[data-install]");
  if (!place) return;
  event.preventDefault();
  place.hidden = false;
  place.querySelector("button").onclick = () => { place.hidden = true; event.prompt(); };
});

// Behind a certificate warning, or over http, there is no service worker: everything else works all the same.
if ("serviceWorker" in navigator) start().catch(() => {});
