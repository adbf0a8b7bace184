// Reads a receipt's QR code into its field: camera where there is one, else a photo. Shows its button only where one of
// both can work; typing and a USB scanner need none of this. What it says stands in the page (templates/base/scan.html).
(() => {
  "use strict";
  const LONGEST = 60000, PAUSE = 80;
  const FAULTS = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "absent", OverconstrainedError: "absent" };
  const WISH = { audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } } };
  const button = document.querySelector("[data-scan]");
  const words = button.dataset, field = document.getElementById(words.scan);
  const says = document.querySelector("[data-scan-says]"), chooser = document.querySelector("[data-scan-photo]");
  let open = null;

  async function seesCamera() {
    if (!isSecureContext || !navigator.mediaDevices) return false;
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    return all.some((each) => each.kind === "videoinput");
  }

  async function begin() {
    const camera = await seesCamera();
    if (!camera && !matchMedia("(any-pointer: coarse)").matches) return;
    button.querySelector("[data-live]").hidden = !camera;
    button.querySelector("[data-still]").hidden = camera;
    button.addEventListener("click", () => { says.textContent = ""; if (camera) show(); else chooser.click(); });
    chooser.addEventListener("change", look);
    button.hidden = false;
  }

  // Our code: twelve signs, alone or behind "#" and before the first full stop.
  const bare = (text) => text.slice(text.lastIndexOf("#") + 1).split(".")[0].replace(/[\s-]/g, "");
  const ours = (text) => /^[0-9a-z]{12}$/i.test(bare(text));

  function take(text) {
    says.textContent = words.found;
    if (navigator.vibrate) navigator.vibrate(80);
    if (words.way === "add") field.value = [field.value.trim().replace(/[,;]$/, ""), bare(text)].filter(Boolean).join(", ");
    else field.value = field.form.method === "get" ? bare(text) : text; // an address is no place for a signature
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (words.way === "add") field.focus();
    else if (field.form.requestSubmit) field.form.requestSubmit();
    else field.form.submit();
  }

  async function look() {
    const [file] = chooser.files;
    if (!file) return;
    says.textContent = words.reading;
    try {
      const text = await scanRead.photo(file);
      if (text && ours(text)) take(text);
      else says.textContent = text ? words.other : words.nothing;
    } catch (fault) {
      says.textContent = fault.message === "worker" ? words.broken : words.nothing;
    }
    chooser.value = "";
  }

  function show() {
    const panel = document.querySelector("[data-scan-panel]").content.firstElementChild.cloneNode(true);
    const on = (name, act) => panel.querySelector(`[data-${name}]`).addEventListener("click", act);
    open = { panel, stream: null, timer: 0 };
    panel.addEventListener("close", () => { stop(open); panel.remove(); open = null; });
    on("close", () => panel.close());
    on("again", () => film(open));
    on("torch", (event) => light(open, event.currentTarget));
    on("photo", () => { chooser.click(); panel.close(); });
    document.body.append(panel);
    panel.showModal();
    film(open);
  }

  const say = (at, sentence) => { at.panel.querySelector("[data-say]").textContent = sentence; };

  function stop(at, sentence) {
    clearTimeout(at.timer);
    for (const track of at.stream ? at.stream.getTracks() : []) track.stop();
    at.stream = null;
    at.panel.querySelector("[data-torch]").hidden = true;
    at.panel.querySelector(".scan-view").hidden = true;
    at.panel.querySelector("[data-again]").hidden = false;
    if (sentence) say(at, sentence);
  }

  async function film(at) {
    at.panel.querySelector("[data-again]").hidden = true;
    say(at, words.asking);
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia(WISH); } catch (fault) {
      return stop(at, words[FAULTS[fault.name] || "busy"]);
    }
    at.stream = stream;
    if (open !== at) return stop(at); // closed while the question stood
    const video = at.panel.querySelector("video"), [track] = stream.getVideoTracks();
    at.panel.querySelector(".scan-view").hidden = false;
    at.panel.querySelector("[data-torch]").hidden = !(track.getCapabilities && track.getCapabilities().torch);
    at.timer = setTimeout(() => stop(at, words.late), LONGEST);
    track.addEventListener("ended", () => { if (at.stream === stream) stop(at, words.busy); });
    video.srcObject = stream;
    say(at, words.aim);
    await video.play().catch(() => {});
    await watch(at, video, stream);
  }

  async function watch(at, video, stream) {
    while (at.stream === stream) {
      let text = "";
      try { text = await scanRead.live(video); } catch (fault) {
        if (fault.message === "worker" && at.stream === stream) stop(at, words.broken);
      }
      if (at.stream !== stream) return;
      if (text && ours(text)) { at.panel.close(); return take(text); }
      if (text) say(at, words.other);
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  function light(at, switcher) {
    const lit = switcher.getAttribute("aria-pressed") !== "true";
    const [track] = at.stream.getVideoTracks();
    track.applyConstraints({ advanced: [{ torch: lit }] }).then(() => switcher.setAttribute("aria-pressed", lit), () => {});
  }

  // A camera that nobody sees films nobody.
  const leave = () => { if (open) open.panel.close(); };
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  addEventListener("pagehide", leave);
  begin();
})();
