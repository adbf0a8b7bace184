// Says exactly how this phone stands with the stall. Only a trusted certificate lets the app's worker in: a warning
// that was clicked away does not, and the page alone cannot tell the two apart.
(() => {
"use strict";
const place = document.querySelector("[data-levels]");
if (!place || location.protocol !== "https:") return;
const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
const show = (level) => {
  for (const each of place.querySelectorAll("[data-level]")) each.hidden = each.dataset.level !== level;
};
if (!("serviceWorker" in navigator)) show("warned");
else navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" })
  .then(() => show(installed ? "installed" : "trusted"), () => show("warned"));
})();
