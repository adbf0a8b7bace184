// Registers the service worker and offers a new version. A page with something typed in it is never reloaded.
"use strict";
const HOUR = 3600000;
let asked = false;

const typed = () => [...document.forms].some((form) => form.dataset.typed);

function offer(registration) {
  const bar = document.getElementById("versi-baru");
  if (!registration.waiting || !navigator.serviceWorker.controller || !bar) return;
  bar.hidden = false;
  bar.querySelector("button").onclick = () => {
    if (typed()) { bar.querySelector("[data-typed]").hidden = false; return; }
    asked = true;
    registration.waiting.postMessage("SKIP_WAITING");
  };
}

async function start() {
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
  offer(registration);
  registration.addEventListener("updatefound", () => {
    registration.installing.addEventListener("statechange", () => offer(registration));
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (asked && !typed()) location.reload(); });
  setInterval(() => registration.update().catch(() => {}), HOUR);
}

// Behind a certificate warning, or over http, there is no service worker: everything else works all the same.
if ("serviceWorker" in navigator) start().catch(() => {});
