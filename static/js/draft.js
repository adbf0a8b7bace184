// Keeps what is typed in a form: every few seconds at the stall, and sealed on this phone while the stall is away.
// Knows one form and where it is kept; refuses to judge what stands in it, and to say a word that the page does not give.
(() => {
  "use strict";
  const pasar = (self.pasar = self.pasar || {});
  const form = document.querySelector("form[data-keep][data-record]"), parcels = pasar.parcels;
  if (!form || !parcels || !form.requestSubmit) return;
  const EVERY = 3000, SOON = 600, AGAIN = 5000, PROBE = 3000, FINAL = [404, 409, 410, 422];
  const line = document.querySelector("[data-draft-line]"), box = document.querySelector("[data-away]");
  // `rest`: what this draft holds beside the fields of this page. `place`: where the newest of it is kept.
  let { record, revision = null } = form.dataset, rest = {}, place = "", changed = 0, kept = 0, timer, busy = null, passed = false, release = null, asker = null, touched = new Set();
  // A page has a name of its own and says when it was typed: so the stall tells a late answer from another's typing.
  let page = pasar.uuid();

  const typed = () => Object.fromEntries([...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token"));
  const service = () => form.dataset.service || typed().layanan || rest.layanan || "";
  // A draft that was begun at the stall holds more than this page shows: only what was touched here goes over it.
  const fields = () => {
    const now = Object.entries(typed()), whole = form.dataset.draft || !revision;
    const mine = now.filter(([name]) => whole || name in rest || touched.has(name));
    const marks = mine.some(([name]) => /^berkas_/.test(name)) ? now.filter(([name]) => name === "daftar_berkas") : [];
    return { ...rest, ...Object.fromEntries([...mine, ...marks]), layanan: service() };
  };

  const say = (what, at = "", sentence = line && line.dataset[what]) => {
    place = what;
    if (!line || !sentence) return;
    const [words, time] = line.children;
    if (words.textContent !== sentence) words.textContent = sentence;
    time.textContent = at;
    line.className = "draft-line " + (what === "here" ? "ok" : what === "phone" ? "wait" : "bad");
  };
  const away = (shown) => {
    if (!box || box.hidden === !shown) return;
    box.hidden = !shown;
    const onPhone = place === "phone";
    for (const each of box.querySelectorAll("[data-kept]")) each.hidden = !onPhone;
    for (const each of box.querySelectorAll("[data-lost]")) each.hidden = onPhone;
    if (shown) box.scrollIntoView({ block: "nearest" });
  };

  // Returns "here" when the stall has it, "no" when it will not take it, "later" when it cannot now, "away" when gone.
  const toStall = async (keepalive = false) => {
    if (!form.dataset.draft) return "away";
    const stop = new AbortController(), body = new URLSearchParams(typed());
    body.set("csrf_token", form.elements.csrf_token.value);
    for (const [name, value] of [["layanan", service()], ["base", revision || ""], ["halaman", page], ["dibuat", Date.now()]]) body.set(name, value);
    setTimeout(() => stop.abort(), PROBE);
    const asked = { method: "POST", body, keepalive, cache: "no-store", headers: { Accept: "application/json" }, signal: stop.signal };
    const answer = await fetch(form.dataset.draft, asked).catch(() => null);
    const said = answer && (await answer.json().catch(() => null));
    if (answer && answer.ok && said && said.revision !== undefined) {
      revision = String(said.revision);
      say("here", said.at);
      return "here";
    }
    if (!said || !said.problem) return "away";
    if (!FINAL.includes(answer.status)) return "later";
    say("no", "", said.problem.sentence);
    return "no";
  };
  const toPhone = async () => {
    const copy = { fields: fields(), base: revision, record, page, label: form.dataset.label || "" };
    const head = { kind: "draft", record_id: record, page, base: revision ? Number(revision) : null, fields: copy.fields };
    try {
      await parcels.keep({ form: record, head, label: copy.label, copy });
      say("phone");
    } catch (error) {
      say(line && line.dataset[error.message] !== undefined ? error.message : "lost");
    }
  };
  const once = async () => {
    const now = changed, before = place, answer = await toStall();
    if (answer === "here" && before !== "here") await parcels.drop(record).catch(() => {});
    if (answer === "here") away(false);
    if ((answer === "away" || answer === "later") && (now > kept || before !== "phone")) await toPhone();
    kept = now;
    return answer;
  };
  // One at a time: a change that comes while one is under way is saved by the next.
  const pending = () => changed > kept || Boolean(form.dataset.draft && place && place !== "here" && place !== "no");
  const save = async (needed = () => true) => {
    while (busy) await busy;
    if (!needed()) return place;
    busy = once();
    try { return await busy; } finally { busy = null; }
  };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(again, ms); };
  const again = async () => {
    await save(pending).catch(() => {});
    if (pending()) later(changed > kept ? EVERY : AGAIN);
  };
  const flush = () => save(() => changed > kept);
  const touch = ({ target }) => { touched.add(target.name); changed++; if (!busy) later(place && place !== "here" ? SOON : EVERY); };

  const hold = () => {
    if (release) release();
    if (navigator.locks) navigator.locks.request("pasar-form:" + record, () => new Promise((done) => { release = done; }));
  };
  // Another draft in the same form: one that was begun on another page, or a new one.
  const take = (next) => {
    ({ record, base: revision = null, fields: rest = {}, page = pasar.uuid() } = next);
    [place, changed, kept, touched] = ["", 0, 0, new Set()];
    hold();
  };

  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  document.addEventListener("visibilitychange", () => { if (document.hidden) flush().catch(() => {}); else again(); });
  addEventListener("online", () => { again(); });
  addEventListener("pagehide", () => {
    if (changed <= kept || passed) return;
    if (place === "" || place === "here") toStall(true); else toPhone();
  });
  addEventListener("pageshow", () => { passed = false; });
  addEventListener("submit", async (event) => {
    if (event.target !== form || passed || !form.dataset.draft) return;
    event.preventDefault(); event.stopImmediatePropagation();
    if (form.dataset.asking) return;
    form.dataset.asking = "1";
    asker = event.submitter;
    const answer = await save().catch(() => "away");
    delete form.dataset.asking;
    if (answer === "away") return away(true);
    passed = true;
    form.requestSubmit(asker);
  }, true);
  if (box) box.querySelector("[data-retry]").addEventListener("click", () => form.requestSubmit(asker));

  // What this phone kept of this form goes to the stall before anything is typed over it.
  const begin = async () => {
    const mine = form.dataset.draft && (await parcels.waiting()).some((row) => row.form === record && !row.problem);
    if (mine && (await parcels.deliver()) && !changed) return location.reload();
    hold();
  };
  const safe = () => !changed || (changed <= kept && (place === "here" || place === "phone"));
  pasar.draft = { flush, save, take, safe, place: () => place, record: () => record };
  begin().catch(() => {});
})();
