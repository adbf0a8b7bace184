// Registers the service worker and brings in a new version: by the button, or when the phone is put away and nothing is
// typed in any page of the app. A page with something typed in it is never reloaded. Offers to install where possible.
"use strict";
const HOUR = 3600000, USED = "pasar-typed";
let asked = false, marked = false, leaving = false;

const typed = () => [...document.forms].some((form) => form.dataset.typed);
const used = async () => typed() || Boolean(navigator.locks && (await navigator.locks.query()).held.some((each) => each.name === USED));

// Tells the app's other pages that something is typed here, until this page is left.
addEventListener("input", () => {
  if (marked || !navigator.locks || !typed()) return;
  marked = true;
  navigator.locks.request(USED, { mode: "shared" }, () => new Promise(() => {}));
});

function offer(registration) {
  const bar = document.getElementById("versi-baru");
  if (!registration.waiting || !navigator.serviceWorker.controller || !bar) return;
  bar.hidden = false;
  bar.querySelector("button").onclick = async () => {
    if (await used()) { bar.querySelector("[data-typed]").hidden = false; return; }
    asked = true;
    registration.waiting.postMessage("SKIP_WAITING");
  };
}

// Never while a page is being opened: the old worker may be fetching it, and ends with it unanswered.
async function putAway(registration) {
  if (document.hidden && !leaving && registration.waiting && !(await used())) registration.waiting.postMessage("SKIP_WAITING");
}

async function start() {
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
  offer(registration);
  registration.addEventListener("updatefound", () => {
    registration.installing.addEventListener("statechange", () => offer(registration));
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (asked && !typed()) location.reload(); });
  document.addEventListener("visibilitychange", () => putAway(registration));
  setInterval(() => registration.update().catch(() => {}), HOUR);
}

addEventListener("pagehide", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });
addEventListener("beforeinstallprompt", (event) => {
  const place = document.querySelector("[data-install]");
  if (!place) return;
  event.preventDefault();
  place.hidden = false;
  place.querySelector("button").onclick = () => { place.hidden = true; event.prompt(); };
});

// Behind a certificate warning, or over http, there is no service worker: everything else works all the same.
if ("serviceWorker" in navigator) start().catch(() => {});
