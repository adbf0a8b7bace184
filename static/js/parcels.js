// What this phone keeps for the stall while the stall is out of reach: sealed parcels, each delivered exactly once.
// Knows sealed bytes, labels and times; refuses to know, and to keep, anything a person typed in the clear.
//
// pasar.parcels: able; reachable(); kit(); keep({form, head, body, label, copy}) -> id, or an Error whose message is
// "unable" | "kit" | "full" | "refused"; waiting(); open(form); drop(form); discard(id); deliver(); lock(owed); leave().
(() => {
  "use strict";
  const pasar = (self.pasar = self.pasar || {});
  const STRICT = { durability: "strict" }, KEY = "pasar-key", LEFT = "pasar-left", TOLD = "pasar-told", KIT = "pasar-kit", OWED = "pasar-lock";
  const EVERY = 30000, PROBE = 3000, SEND = 20000, HOUR = 3600000;
  const able = Boolean(self.isSecureContext && self.crypto && crypto.subtle && self.indexedDB && pasar.seal);
  const { bytes, joined } = pasar;
  const locks = navigator.locks;

  const within = (ms) => { const stop = new AbortController(); setTimeout(() => stop.abort(), ms); return stop.signal; };
  const text64 = (raw) => btoa(Array.from(raw, (each) => String.fromCharCode(each)).join(""));
  const raw64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const hex = (raw) => Array.from(raw, (each) => each.toString(16).padStart(2, "0")).join("");
  const uuid = () => {
    const raw = crypto.getRandomValues(new Uint8Array(16));
    raw[6] = (raw[6] & 15) | 64; raw[8] = (raw[8] & 63) | 128;
    return hex(raw).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  // The phone's own small store.
  let opened = null;
  const open = () => (opened = opened || new Promise((done, fail) => {
    const asked = indexedDB.open("pasar", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("kit");
      asked.result.createObjectStore("parcels", { keyPath: "id" }).createIndex("form", "form");
      asked.result.createObjectStore("copies", { keyPath: "form" });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { asked.result.close(); opened = null; };
      asked.result.onclose = () => { opened = null; };
      done(asked.result);
    };
    asked.onerror = asked.onblocked = () => fail(asked.error || new Error("blocked"));
  }).catch((error) => { opened = null; throw error; }));

  const act = async (stores, mode, work) => {
    const database = await open();
    return new Promise((done, fail) => {
      const action = database.transaction(stores, mode, STRICT), asked = work(...stores.map((name) => action.objectStore(name)));
      action.oncomplete = () => done(asked && asked.result);
      action.onabort = () => fail(action.error || new Error("aborted"));
    });
  };
  const read = (store, work) => act([store], "readonly", work);
  const kit = () => (able ? read("kit", (kept) => kept.get("kit")).catch(() => null) : Promise.resolve(null));
  // The newest of a form takes the place of its older parcels; it must not be met by the search for them.
  const without = (parcels, form, then = () => {}) => {
    parcels.index("form").getAllKeys(form).onsuccess = ({ target: { result } }) => {
      for (const id of result) parcels.delete(id);
      then();
    };
  };

  // A second copy, under a key that lives and dies with this tab, lets the same person go on after a reload.
  const ownKey = async (make) => {
    let kept = sessionStorage.getItem(KEY);
    if (!kept && make) sessionStorage.setItem(KEY, (kept = text64(crypto.getRandomValues(new Uint8Array(32)))));
    return kept && crypto.subtle.importKey("raw", raw64(kept), "AES-GCM", false, ["encrypt", "decrypt"]);
  };
  const copyOf = async (form, copy) => {
    const iv = crypto.getRandomValues(new Uint8Array(12)), plain = bytes(JSON.stringify(copy));
    return { form, iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await ownKey(true), plain) };
  };
  const openCopy = async (form) => {
    const key = able && (await ownKey(false)), copy = key && (await read("copies", (kept) => kept.get(form)));
    if (!copy) return null;
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: copy.iv }, key, copy.bytes).catch(() => null);
    return plain && JSON.parse(new TextDecoder().decode(plain));
  };

  const sealed = async (known, id, head, body) => {
    const told = bytes(JSON.stringify({ ...head, made: Date.now() })), length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, told.length);
    return pasar.seal(raw64(known.public), `pasar parcel 1 ${known.key_id} ${id}`, joined(length, told, body));
  };
  const keep = async ({ form, head, body = new Uint8Array(0), label = "", copy = null }) => {
    if (!able) throw new Error("unable");
    const known = await read("kit", (kept) => kept.get("kit")).catch(() => { throw new Error("refused"); }), id = uuid();
    if (!known) throw new Error("kit");
    const parcel = { id, form, kind: head.kind, label, made: Date.now(), key: known.key_id, pass: known.pass, bytes: await sealed(known, id, head, body) };
    const kept = copy && (await copyOf(form, copy));
    await act(["parcels", "copies"], "readwrite", (parcels, copies) => {
      without(parcels, form, () => { parcels.put(parcel); });
      if (kept) copies.put(kept);
    }).catch((error) => { throw new Error(error && error.name === "QuotaExceededError" ? "full" : "refused"); });
    return id;
  };

  const waiting = async () => {
    const rows = able ? await read("parcels", (kept) => kept.getAll()).catch(() => []) : [];
    return rows.map(({ id, form, kind, label, made, problem, tried }) => ({ id, form, kind, label, made, problem, tried }))
      .sort((one, other) => one.made - other.made);
  };
  const drop = (form) => act(["parcels", "copies"], "readwrite", (parcels, copies) => { without(parcels, form); copies.delete(form); });
  const discard = (id) => act(["parcels"], "readwrite", (parcels) => { parcels.delete(id); });

  // `owed`: the stall could not be told. It is, by the first page that it shows again.
  const lock = async (owed = false) => {
    for (const name of [KEY, KIT]) sessionStorage.removeItem(name);
    localStorage.setItem(LEFT, Date.now());
    if (owed) localStorage.setItem(OWED, "1");
    if (able) await act(["copies"], "readwrite", (copies) => { copies.clear(); });
  };
  const leave = async () => {
    await lock();
    if (able) await act(["kit"], "readwrite", (kept) => { kept.clear(); });
  };

  // Whether it is really the stall that answers: a WiFi's own page may say 200 as well.
  let gone = false;
  const reachable = async () => {
    const answer = await fetch("/healthz", { cache: "no-store", credentials: "omit", signal: within(PROBE) }).catch(() => null);
    const said = answer && answer.ok && (await answer.json().catch(() => null));
    gone = !(said && said.ok && said.app === "pasar");
    return !gone;
  };

  // Returns true when the stall has it, false when the stall said no, null when there was no answer to rely on.
  const send = async (parcel) => {
    const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", parcel.bytes)));
    const headers = { "Content-Type": "application/octet-stream", "X-Pasar-Key": parcel.key, "X-Pasar-Pass": parcel.pass, Accept: "application/json" };
    const asked = { method: "POST", body: parcel.bytes, headers, credentials: "omit", cache: "no-store", signal: within(SEND) };
    const answer = await fetch("/hp/kiriman/" + parcel.id, asked).catch(() => null);
    const said = answer && (await answer.json().catch(() => null));
    if (answer && answer.ok && said && said.parcel === parcel.id && said.sha256 === sha256) return true;
    if (!said || !said.problem || answer.status === 429 || answer.status >= 500) return null;
    const problem = said.problem.sentence;
    await act(["parcels"], "readwrite", (parcels) => {
      parcels.get(parcel.id).onsuccess = ({ target: { result } }) => { if (result) parcels.put({ ...result, problem, tried: Date.now() }); };
    });
    return false;
  };
  const received = (parcel) => act(["parcels", "copies"], "readwrite", (parcels, copies) => {
    parcels.delete(parcel.id).onsuccess = () => {
      parcels.index("form").count(parcel.form).onsuccess = ({ target: { result } }) => { if (!result) copies.delete(parcel.form); };
    };
  });
  // A form that is open in a tab goes to the stall from there, as it is typed.
  const inUse = async () => (locks ? (await locks.query()).held.map((each) => each.name) : []);
  const due = async () => {
    const open = await inUse(), due = (row) => !open.includes("pasar-form:" + row.form) && !(row.problem && Date.now() - row.tried < HOUR);
    const rows = (await waiting()).filter(due);
    return [...rows.filter((row) => !row.problem), ...rows.filter((row) => row.problem)];
  };
  const round = async () => {
    const rows = await due(), count = { draft: 0, photo: 0 };
    if (!rows.length || !(await reachable())) return count;
    for (const { id, kind } of rows) {
      const parcel = await read("parcels", (kept) => kept.get(id)), sent = parcel ? await send(parcel) : false;
      if (sent === null) break;
      if (sent) { await received(parcel); count[kind]++; }
    }
    return count;
  };
  const deliver = async () => {
    if (!able) return 0;
    const one = (held) => (held === null ? { draft: 0, photo: 0 } : round());
    const { draft, photo } = await (locks ? locks.request("pasar-deliver", { ifAvailable: true }, one) : one());
    if (draft + photo) {
      const told = JSON.parse(sessionStorage.getItem(TOLD) || "[0,0]");
      sessionStorage.setItem(TOLD, JSON.stringify([told[0] + draft, told[1] + photo]));
    }
    tell();
    dispatchEvent(new CustomEvent("pasar:delivered", { detail: { draft, photo } }));
    return draft + photo;
  };

  // The page: who works here, what the stall has received, and what happens when somebody leaves.
  const tell = () => {
    const place = document.querySelector("[data-delivered]"), [draft, photo] = JSON.parse(sessionStorage.getItem(TOLD) || "[0,0]");
    if (!place || !(draft + photo)) return;
    const words = [draft && place.dataset.drafts.replace("#", draft), photo && place.dataset.photos.replace("#", photo)];
    place.querySelector("p").textContent = words.filter(Boolean).join(" ");
    place.querySelector("a").hidden = !draft;
    place.hidden = false;
    sessionStorage.removeItem(TOLD);
  };
  const takeKit = async ({ operator, kit: address }) => {
    const known = await kit(), named = known && known.operator === operator;
    if (known && !named) await leave();
    if (named && sessionStorage.getItem(KIT) === operator) return;
    const answer = await fetch(address, { cache: "no-store", headers: { Accept: "application/json" } }).catch(() => null);
    const given = answer && answer.ok && (await answer.json().catch(() => null));
    if (!given || given.operator !== operator) return;
    await act(["kit"], "readwrite", (kept) => { kept.put(given, "kit"); });
    sessionStorage.setItem(KIT, operator);
    if (matchMedia("(display-mode: standalone)").matches && navigator.storage) navigator.storage.persist().catch(() => {});
  };
  const desk = document.querySelector("[data-operator]"), someone = desk && desk.dataset.operator, owed = someone && localStorage.getItem(OWED);
  const begin = async () => {
    if (desk && !someone) await lock();
    if (someone && !owed && able) await takeKit(desk.dataset);
    await deliver();
  };
  const hide = () => { document.documentElement.hidden = true; }; // whoever holds the phone now must not see it
  if (desk && !someone) localStorage.removeItem(OWED);
  if (owed) { hide(); document.querySelector("form[data-idle]").submit(); }

  const since = Date.now();
  addEventListener("pageshow", (event) => {
    if (!event.persisted || Number(localStorage.getItem(LEFT)) < since || !someone) return;
    hide();
    location.reload();
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    if (!("leave" in form.dataset) || form.dataset.left) return;
    event.preventDefault(); event.stopImmediatePropagation();
    form.dataset.left = "1";
    leave().catch(() => {}).then(() => form.requestSubmit(event.submitter));
  }, true);

  // A form that is not kept while it is typed is sent only to a stall that answers: the browser's own page has no way
  // back. What cannot be done twice is always asked for, any other only when the stall was away a moment ago.
  const unsent = document.querySelector("[data-unsent]");
  let sure = null;
  addEventListener("submit", async (event) => {
    const form = event.target, { submitter } = event, given = form.dataset;
    if (!unsent || form.method !== "post" || event.defaultPrevented || ["draft", "idle", "leave", "record"].some((name) => name in given)) return;
    if (sure === form) { sure = null; return; }
    if (!gone && !("sure" in given)) return;
    event.preventDefault(); event.stopImmediatePropagation();
    if (given.asking) return;
    given.asking = "1";
    unsent.hidden = await reachable();
    delete given.asking;
    if (!unsent.hidden) return unsent.scrollIntoView({ block: "center" });
    sure = form;
    form.requestSubmit(submitter);
  }, true);

  pasar.uuid = uuid;
  pasar.parcels = { able, reachable, kit, keep, waiting, open: openCopy, drop, discard, deliver, lock, leave };
  const safely = (what) => () => { what().catch(() => {}); };
  addEventListener("online", safely(deliver));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) safely(deliver)(); });
  setInterval(() => { if (!document.hidden) safely(someone ? () => Promise.all([deliver(), reachable()]) : deliver)(); }, EVERY);
  safely(begin)();
})();
