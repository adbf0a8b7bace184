// The offline page: try again by itself as soon as the stall answers; what the phone kept goes first.
"use strict";
const onward = () => (location.pathname === "/offline" ? location.replace("/") : location.reload());
async function knock() {
  const { parcels } = self.pasar || {};
  try {
    const back = parcels ? await parcels.reachable() : (await fetch("/healthz", { cache: "no-store" })).ok;
    if (!back) return;
    if (parcels) await parcels.deliver().catch(() => {});
    onward();
  } catch { /* still away */ }
}
setInterval(knock, 5000);
addEventListener("online", knock);
for (const button of document.querySelectorAll("[data-again]")) button.onclick = onward;
