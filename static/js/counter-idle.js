// Locks the counter when nobody has touched it, and takes the half-filled form along to the lock page.
(() => {
  const lock = document.querySelector("form[data-idle]");
  if (!lock) return;
  const limit = Number(lock.dataset.idle) * 1000;
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
  lock.addEventListener("submit", gather, { once: true });
  const close = () => { gather(); lock.submit(); };
  const again = () => { clearTimeout(timer); timer = setTimeout(close, limit); };
  for (const sign of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(sign, again, { passive: true });
  again();
})();
