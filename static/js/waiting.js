// Lists what waits on this phone for the stall: service and time. What this tab cannot open is shown as locked.
(() => {
  "use strict";
  const { parcels } = self.pasar || {}, place = document.querySelector("[data-waiting]");
  if (!parcels || !place) return;
  const part = (box, name) => box.querySelector(`[data-${name}]`), lockButton = document.querySelector("[data-lock]");
  const at = (made) => {
    const day = new Date(made), time = day.toLocaleTimeString("id-ID", { hour: "2-digit", minute: "2-digit" });
    return day.toDateString() === new Date().toDateString() ? time : day.toLocaleDateString("id-ID") + ", " + time;
  };
  const row = async (each) => {
    const item = part(place, "row").content.cloneNode(true), mine = each.kind === "draft" && (await parcels.open(each.form));
    part(item, "label").textContent = each.kind === "photo" ? part(place, "photo").innerHTML.replace("#", each.label) : each.label;
    part(item, "made").textContent = at(each.made);
    if (each.problem) part(item, "problem").textContent = each.problem;
    part(item, "problem").hidden = part(item, "discard").hidden = !each.problem;
    part(item, "open").href = "/hp/catat#" + each.form;
    part(item, "open").hidden = !mine || Boolean(each.problem);
    part(item, "locked").hidden = Boolean(mine || each.problem || each.kind === "photo");
    part(item, "discard").addEventListener("click", async ({ target }) => {
      if (confirm(target.dataset.ask)) { await parcels.discard(each.id); show(); }
    });
    return item;
  };
  const show = async () => {
    const open = self.pasar.draft && self.pasar.draft.record(), refused = "refused" in place.dataset;
    const rows = (await parcels.waiting()).filter((each) => each.form !== open && (each.problem || !refused));
    part(place, "list").replaceChildren(...(await Promise.all(rows.map(row))));
    part(place, "count").textContent = rows.length;
    place.hidden = !rows.length;
    // The form that was open when the stall went away.
    const resume = document.querySelector("[data-resume]"), [, form] = location.pathname.match(/^\/permohonan\/baru\/([0-9a-f-]{36})\//) || [];
    if (resume && form && (await parcels.open(form))) { resume.href = "/hp/catat#" + form; resume.hidden = false; }
  };
  if (lockButton) lockButton.addEventListener("click", async () => { await parcels.lock(true); location.replace("/offline"); });
  addEventListener("pasar:delivered", show);
  addEventListener("pasar:kept", show);
  show();
})();
