// Locks the counter when nobody has touched it, and takes the half-filled form along to the lock page. Without the
// stall the form is kept sealed on the phone, and the key that could show it again is forgotten.
(() => {
  "use strict";
  const lock = document.querySelector("[data-idle]"), { parcels, draft } = self.pasar || {};
  if (!lock) return;
  const limit = Number(lock.dataset.idle) * 1000, atStall = !lock.matches("[data-keep]"), AGAIN = 5000;
  let timer;
  const carry = (name, value) => {
    const field = document.createElement("input");
    field.type = "hidden"; field.name = name; field.value = value;
    lock.append(field);
  };
  const gather = () => {
    const form = document.querySelector("form[data-keep]");
    carry("lanjut", location.pathname + (form ? "" : location.search));
    if (form) for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "csrf_token") carry("isi." + name, value);
  };
  const aside = async () => {
    if (draft) await draft.flush().catch(() => {});
    if (draft && !draft.safe()) return cover();
    await parcels.lock(true).catch(() => {});
    location.replace("/offline");
  };
  // Nothing could be kept: what was typed stays in this page, out of sight, until the stall answers.
  const cover = async () => {
    if (!atStall) return again();
    for (const each of document.querySelector("main").children) each.hidden = !("cover" in each.dataset);
    while (!(await parcels.reachable())) await new Promise((done) => setTimeout(done, AGAIN));
    gather(); lock.submit();
  };
  const close = async () => {
    if (parcels && (!atStall || !(await parcels.reachable()))) return aside();
    gather(); lock.submit();
  };
  const again = () => { clearTimeout(timer); timer = setTimeout(close, limit); };
  if (atStall) lock.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); close(); }, { once: true });
  for (const sign of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(sign, again, { passive: true });
  again();
})();
