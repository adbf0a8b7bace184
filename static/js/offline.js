// The offline page: try again by itself as soon as the stall answers.
"use strict";
async function knock() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store" });
    if (answer.ok) location.reload();
  } catch { /* still away */ }
}
setInterval(knock, 5000);
addEventListener("online", knock);
for (const button of document.querySelectorAll("[data-again]")) button.onclick = () => location.reload();
