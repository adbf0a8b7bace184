// Makes a chosen photo small, shows it, and sends it. What it draws anew holds no place and no time of taking.
// Without script the form sends the photo as it is; without the stall it is kept sealed on this phone (parcels.js).
(() => {
  "use strict";
  const LONGEST = 1280, LONGEST_JPEG = 1024, ENOUGH = 170000, PATIENCE = 60000, MOST_KEPT = 390000;
  const { parcels, uuid } = self.pasar || {}, chosen = new WeakMap(), names = new WeakMap();
  const part = () => document.getElementById("foto");
  const of = (form, name) => form.querySelector(name);

  function say(form, word) {
    const known = part().dataset[word];
    form.dataset.state = known ? word : "problem";
    of(form, ".says").textContent = known || word;
  }

  // Without script the fields are shown as they are; with it a label is the button, and there is nothing to send yet.
  function enliven() {
    for (const form of part().querySelectorAll(".photo")) {
      form.classList.add("live");
      of(form, ".send").hidden = true;
      for (const label of form.querySelectorAll("label")) label.classList.add("button");
    }
  }

  function drawn(canvas, picture, longest) {
    const share = Math.min(1, longest / Math.max(picture.width, picture.height));
    canvas.width = Math.round(picture.width * share);
    canvas.height = Math.round(picture.height * share);
    const pen = canvas.getContext("2d", { alpha: false });
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  }

  const written = (canvas, type, quality) => new Promise((done) => canvas.toBlob(done, type, quality));

  async function small(file, canvas) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    try {
      drawn(canvas, picture, LONGEST);
      let blob = await written(canvas, "image/webp", .55);
      if (blob && blob.type === "image/webp") {
        return blob.size > ENOUGH ? await written(canvas, "image/webp", .45) : blob;
      }
      drawn(canvas, picture, LONGEST_JPEG);
      blob = await written(canvas, "image/jpeg", .65);
      return blob.size > ENOUGH ? written(canvas, "image/jpeg", .5) : blob;
    } finally { picture.close(); }
  }

  async function choose(form, file) {
    const canvas = of(form, "canvas"), send = of(form, ".send");
    send.hidden = canvas.hidden = true;
    chosen.delete(form);
    say(form, "small");
    const start = performance.now();
    let blob = file, seen = true;
    try {
      blob = await small(file, canvas);
    } catch { seen = false; } // HEIC, or no picture at all: the stall says what it is
    performance.measure("foto", { start });
    if (blob.size > part().dataset.most) return say(form, "large");
    chosen.set(form, blob);
    if (uuid) names.set(blob, uuid());
    canvas.hidden = !seen;
    send.hidden = false;
    const camera = of(form, "label");
    camera.classList.add("secondary");
    camera.textContent = part().dataset.again;
    say(form, seen ? "ready" : "unseen");
    send.scrollIntoView({ block: "nearest" });
  }

  function sent(form, blob) {
    const body = new FormData(form), call = new XMLHttpRequest(), bar = of(form, "progress");
    body.set("foto", blob, "foto");
    bar.hidden = false;
    return new Promise((done) => {
      call.open("POST", form.action);
      call.setRequestHeader("Accept", "application/json");
      call.timeout = PATIENCE;
      call.upload.onprogress = (event) => { bar.value = event.loaded * 100 / event.total; };
      call.upload.onload = () => say(form, "working");
      call.onloadend = () => {
        bar.hidden = true;
        try { done(JSON.parse(call.responseText)); } catch { done(null); } // no answer, or not the stall's
      };
      call.send(body);
    });
  }

  async function save(form) {
    const blob = chosen.get(form);
    if (!blob || form.dataset.busy) return;
    form.dataset.busy = "1";
    say(form, "sending");
    const answer = await sent(form, blob);
    delete form.dataset.busy;
    const problem = answer && answer.problem;
    if (problem) say(form, problem.sentence + " " + problem.hint);
    else if (answer && answer.stored) (await renew(form)).focus();
    else say(form, (await keep(form, blob)) ? "kept" : "away");
  }

  // Whether the phone keeps it until the stall is back. The one chosen photo is one parcel, however often it is saved.
  async function keep(form, blob) {
    if (!parcels || !parcels.able || blob.size > MOST_KEPT) return false;
    const { record, paper, label } = form.dataset, body = new Uint8Array(await blob.arrayBuffer());
    const head = { kind: "photo", record_id: record, paper: Number(paper) };
    try {
      await parcels.keep({ form: names.get(blob), head, body, label });
    } catch { return false; }
    clear(form);
    return true;
  }

  function clear(form) {
    chosen.delete(form);
    of(form, ".send").hidden = of(form, "canvas").hidden = true;
    delete form.dataset.typed; // pwa.js: nothing here would be lost any more
    dispatchEvent(new CustomEvent("pasar:kept"));
  }

  async function renew(form) {
    try {
      const answer = await fetch(part().dataset.part, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("foto");
      if (fresh) part().replaceWith(fresh);
      enliven();
    } catch { clear(form); }
    const now = document.getElementById(form.id);
    say(now, "stored");
    return now;
  }

  addEventListener("change", (event) => {
    const form = event.target.closest(".photo"), file = event.target.files && event.target.files[0];
    if (form && file) choose(form, file);
  });
  document.addEventListener("submit", (event) => { // before forms.js, which hears it at the window
    if (!event.target.matches(".photo.live")) return;
    event.preventDefault();
    save(event.target);
  });
  addEventListener("pasar:delivered", ({ detail }) => {
    const form = part() && of(part(), ".photo");
    if (detail.photo && form && !chosen.has(form)) renew(form);
  });
  if (part()) enliven();
})();
