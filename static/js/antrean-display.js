// Keeps the display at the newest call: shows it, and says it in Indonesian where the browser can, else rings a chime.
(() => {
  const board = document.querySelector("[data-display]");
  if (!board) return;
  const part = (name) => document.querySelector(`[data-${name}]`);
  const sound = part("sound"), box = board.querySelector(".calling");
  let turn = Number(board.dataset.turn), audio = null;
  const voice = () => window.speechSynthesis && speechSynthesis.getVoices().find((each) => /^id([-_]|$)/i.test(each.lang));

  const chime = () => {
    [[659, 0], [523, 0.45]].forEach(([pitch, after]) => {
      const tone = audio.createOscillator(), loud = audio.createGain(), at = audio.currentTime + after;
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.4, at);
      loud.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
      tone.connect(loud).connect(audio.destination);
      tone.start(at); tone.stop(at + 0.9);
    });
  };
  const say = (sentence) => {
    if (!audio) return;
    chime();
    const speaker = voice();
    if (!speaker) return;
    const words = new SpeechSynthesisUtterance(sentence);
    words.lang = "id-ID"; words.voice = speaker; words.rate = 0.9;
    setTimeout(() => speechSynthesis.speak(words), 1100);
  };
  const row = (call) => {
    const item = document.createElement("li"), number = document.createElement("b"), where = document.createElement("span");
    number.textContent = call.nomor; where.textContent = `${board.dataset.desk} ${call.loket}`;
    item.append(number, " ", where);
    return item;
  };
  const show = (now) => {
    part("waiting").textContent = now.waiting;
    if (now.turn === turn || !now.calls.length) return;
    const [newest, ...before] = now.calls;
    turn = now.turn;
    part("number").textContent = newest.nomor;
    part("where").textContent = `${board.dataset.desk} ${newest.loket}`;
    part("before").replaceChildren(...before.map(row));
    box.classList.remove("fresh"); void box.offsetWidth; box.classList.add("fresh");
    say(newest.ucapan);
  };
  const ask = async () => {
    const answer = await fetch(board.dataset.display, { cache: "no-store" }).catch(() => null);
    if (answer && answer.ok) show(await answer.json());
    setTimeout(ask, 2000);
  };
  sound.hidden = false;
  sound.querySelector("button").addEventListener("click", () => {
    audio = new AudioContext();
    chime();
    sound.querySelector("button").hidden = true;
    part("no-voice").hidden = Boolean(voice());
  });
  setTimeout(ask, 2000);
})();
