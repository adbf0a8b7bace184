// While a print job is open its state is fetched again; the browser's own print dialog opens by itself when asked for.
"use strict";
const EVERY = 1000, TRIES = 120;

async function lookAgain(tries) {
  const shown = document.querySelector("[data-look]");
  if (!shown || !tries) return;
  for (const link of shown.querySelectorAll("[data-no-script]")) link.hidden = true;
  await new Promise((done) => setTimeout(done, EVERY));
  try {
    const answer = await fetch(shown.dataset.look, { headers: { Accept: "text/html" } });
    const news = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("cetakan");
    if (!answer.ok || !news) return;
    if (news.textContent !== shown.textContent) shown.replaceChildren(...news.childNodes);
    if (!news.dataset.look) delete shown.dataset.look;
  } catch { /* the stall is being restarted: the link to look again is in the page */ }
  lookAgain(tries - 1);
}
lookAgain(TRIES);

if (document.querySelector("[data-print-now]")) {
  const plain = new URL(location.href);
  plain.searchParams.delete("langsung");
  history.replaceState(null, "", plain); // going back or reloading must not print again
  addEventListener("load", () => print());
}
