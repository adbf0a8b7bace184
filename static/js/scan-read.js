// From a camera's picture or a photo to the text of its QR code. The device's own reader first; where it has none, or
// fails, a small library in a worker, loaded when it is first needed. Knows pixels; nothing of fields and sentences.
(() => {
  "use strict";
  const ADDRESS = document.currentScript.dataset.worker;
  const LIVE = 640; // pixels a side of a camera's picture: 60 modules of ours at ten each
  // Of a photo: how much of it around the middle, and how large. Small first: it is quick, and takes blur away.
  const LOOKS = [[1, 900], [1, 600], [1, 1400], [.6, 900], [.35, 900]];
  const PATIENCE = 15000;
  let own, worker, count = 0;
  const asked = new Map();

  async function deviceReader() {
    if (!("BarcodeDetector" in self)) return null;
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  }

  // The text, "" when there is none; null when this device cannot say, and the library has to.
  async function byDevice(picture) {
    const reader = await (own ??= deviceReader().catch(() => null));
    if (!reader) return null;
    try {
      const [found] = await reader.detect(picture);
      return found ? found.rawValue : "";
    } catch {
      own = Promise.resolve(null);
      return null;
    }
  }

  function begun() {
    worker = new Worker(ADDRESS);
    worker.onmessage = ({ data }) => { const ask = asked.get(data.id); if (ask) ask.resolve(data.data || ""); };
    worker.onerror = () => { for (const ask of asked.values()) ask.reject(new Error("worker")); worker = null; };
    return worker;
  }

  function byLibrary({ data, width, height }) {
    const id = ++count;
    const answer = new Promise((resolve, reject) => {
      asked.set(id, { resolve, reject });
      setTimeout(() => { if (asked.has(id)) { reject(new Error("slow")); worker.terminate(); worker = null; } }, PATIENCE);
      (worker || begun()).postMessage({ id, type: "decode", data: { data, width, height } }, [data.buffer]);
    });
    return answer.finally(() => asked.delete(id));
  }

  function pixels(picture, [left, top, wide, high], scale) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(wide * scale));
    canvas.height = Math.max(1, Math.round(high * scale));
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    brush.imageSmoothingQuality = "high";
    brush.drawImage(picture, left, top, wide, high, 0, 0, canvas.width, canvas.height);
    return brush.getImageData(0, 0, canvas.width, canvas.height);
  }

  async function live(video) {
    const said = await byDevice(video);
    if (said !== null) return said;
    const { videoWidth: wide, videoHeight: high } = video, side = Math.min(wide, high);
    if (!side) return "";
    return byLibrary(pixels(video, [(wide - side) / 2, (high - side) / 2, side, side], Math.min(1, LIVE / side)));
  }

  async function photo(file) {
    const picture = await createImageBitmap(file);
    try {
      const said = await byDevice(picture);
      if (said) return said;
      for (const [part, size] of LOOKS) {
        const wide = picture.width * part, high = picture.height * part;
        const box = [(picture.width - wide) / 2, (picture.height - high) / 2, wide, high];
        const text = await byLibrary(pixels(picture, box, Math.min(1, size / Math.max(wide, high))));
        if (text) return text;
      }
      return "";
    } finally { picture.close(); }
  }

  self.scanRead = { live, photo };
})();
