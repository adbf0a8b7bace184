// Comfort for forms; every form works without it. One tap is one submission, errors are read out, print buttons print.
"use strict";
const RETRY_AFTER = 5000; // when the connection fails the page stays, and the person must be able to try again

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button) button.setAttribute("aria-disabled", "true");
  setTimeout(() => free(form), RETRY_AFTER);
});

function free(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

// The back button may bring the page back exactly as it was left: submitted.
addEventListener("pageshow", () => { for (const form of document.forms) free(form); });

addEventListener("input", (event) => {
  if (event.target.form && event.target.form.method === "post") event.target.form.dataset.typed = "1";
});

addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  const link = event.target.closest(".error-summary a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (field) {
    event.preventDefault();
    field.focus();
    (field.closest(".field") || field).scrollIntoView({ block: "start" });
  }
});

// A roll of paper has no page length: give the page that of the slip, so that none is wasted and none is cut.
addEventListener("beforeprint", () => {
  const slip = document.querySelector(".slip");
  const print = document.querySelector("link[media=print]");
  if (!slip || !print || !print.sheet) return;
  print.media = "all";
  const millimetres = Math.ceil(slip.getBoundingClientRect().height * 25.4 / 96) + 6;
  print.media = "print";
  print.sheet.insertRule(`@page slip { size: 58mm ${millimetres}mm; margin: 2mm 5mm; }`, print.sheet.cssRules.length);
});

const errors = document.querySelector("[data-focus]");
if (errors) errors.focus();
