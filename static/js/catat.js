// The form for a request while the stall is away: finds the service in the kept list, asks for its papers, and keeps
// what is typed on this phone. Knows the page; refuses to judge, to give a receipt, or to show what this tab cannot open.
(() => {
  "use strict";
  const { parcels, draft, uuid } = self.pasar || {}, form = document.querySelector("form[data-services]");
  if (!form || !draft) return;
  const part = (name, box = document) => box.querySelector(`[data-${name}]`);
  const MOST = 6, search = form.querySelector("#f-cari");
  let services = [];

  const words = (text) => text.toLowerCase().split(/[^a-z0-9]+/).filter((each) => each.length > 1);
  const points = (said, service) => {
    const name = words(service.name), known = service.words.split(" ");
    const one = (word) => (name.includes(word) ? 4 : known.includes(word) ? 3 : word.length > 2 && known.some((each) => each.startsWith(word)) ? 2 : 0);
    const each = said.map(one);
    return each.filter(Boolean).length * 2 >= said.length ? each.reduce((sum, more) => sum + more, 0) : 0;
  };
  const found = (text) => {
    const said = words(text), row = (service) => ({ service, sum: points(said, service) });
    return services.map(row).filter((each) => each.sum).sort((one, other) => other.sum - one.sum).slice(0, MOST);
  };
  const pick = ({ service }) => {
    const item = part("pick", form).content.cloneNode(true), button = item.querySelector("button");
    button.querySelector("b").textContent = service.name;
    button.querySelector("small").textContent = service.agency;
    button.addEventListener("click", () => { choose(service); part("service", form).focus(); });
    return item;
  };
  const find = () => {
    const rows = search.value.trim().length > 1 ? found(search.value) : [];
    part("results", form).replaceChildren(...rows.map(pick));
    part("none", form).hidden = Boolean(rows.length) || search.value.trim().length < 3;
  };

  const paper = (name, number) => {
    const item = part("paper", form).content.cloneNode(true);
    for (const each of item.querySelectorAll("*")) for (const { name: key, value } of [...each.attributes]) each.setAttribute(key, value.replace("berkas_N", "berkas_" + number));
    item.querySelector("legend").textContent = name;
    return item;
  };
  const choose = (service) => {
    form.dataset.label = service.label;
    [form.elements.layanan.value, form.elements.daftar_berkas.value] = [service.code, service.list];
    part("service", form).textContent = service.name;
    part("papers", form).replaceChildren(...service.papers.map(paper));
    part("marks", form).hidden = !service.papers.length;
    part("search", form).hidden = true;
    part("rest", form).hidden = false;
  };
  const other = () => {
    [form.elements.layanan.value, form.elements.daftar_berkas.value] = ["", ""];
    part("search", form).hidden = false;
    part("rest", form).hidden = true;
    search.focus();
  };
  const fill = (fields) => {
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements[name];
      if (field && name !== "layanan" && name !== "daftar_berkas") field.value = value;
    }
    for (const fold of form.querySelectorAll("details")) fold.open = [...fold.querySelectorAll(".input")].some((each) => each.value);
    dispatchEvent(new PageTransitionEvent("pageshow"));
  };
  const begin = async () => {
    const copy = location.hash.length > 1 ? await parcels.open(location.hash.slice(1)) : null;
    const service = copy && services.find((each) => each.code === copy.fields.layanan);
    form.reset();
    part("results", form).replaceChildren();
    draft.take(service ? copy : { record: uuid() });
    if (service) { choose(service); fill(copy.fields); } else other();
    // Begun at the stall: the papers were marked there, and are kept there.
    if (service && copy.base && !Object.keys(copy.fields).some((each) => each.startsWith("berkas_"))) part("marks", form).hidden = true;
    part("saved").hidden = true;
    form.hidden = false;
    if (service) form.dataset.typed = "1"; else delete form.dataset.typed;
    history.replaceState(null, "", location.pathname);
  };

  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); find(); } });
  part("other", form).addEventListener("click", other);
  part("all", form).addEventListener("click", () => {
    for (const field of form.querySelectorAll("[data-papers] fieldset")) if (!field.querySelector(":checked")) field.querySelector("[value=asli]").click();
    form.elements.pemohon_nik.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!form.elements.layanan.value) return search.focus();
    await draft.save();
    if (draft.place() !== "phone") return;
    form.reset();
    form.hidden = true;
    part("saved").hidden = part("saved").querySelector(".notice").hidden = false;
    part("next-person").focus();
    draft.take({ record: uuid() });
    delete form.dataset.typed;
    dispatchEvent(new Event("pasar:kept"));
  });
  part("next-person").addEventListener("click", begin);
  addEventListener("hashchange", begin);
  addEventListener("pasar:delivered", async () => { // what was just kept here has arrived: no sentence may say otherwise
    if (!(await parcels.waiting()).length) part("saved").querySelector(".notice").hidden = true;
  });

  const start = async () => {
    look().catch(() => {});
    const [kit, answer] = await Promise.all([parcels.kit(), fetch(form.dataset.services).catch(() => null)]);
    if (!kit || !answer || !answer.ok) {
      part("kit", part("stop")).hidden = !parcels.able;
      part("unable", part("stop")).hidden = parcels.able;
      part("stop").hidden = false;
      return;
    }
    part("name", form).textContent = part("name", form).textContent.replace("#", kit.operator);
    services = (await answer.json()).services;
    await begin();
  };
  const look = async () => {
    if (document.hidden) return;
    const back = await parcels.reachable();
    part("reachable").hidden = !back;
    if (back) await parcels.deliver();
  };
  setInterval(() => look().catch(() => {}), 5000);
  start();
})();
