// Shows the fields of the person the document is for only when that is somebody else.
(() => {
  const part = document.querySelector("[data-subjek]");
  const choice = document.querySelector("select[name=relation]");
  if (!part || !choice) return;
  const show = () => { part.hidden = choice.value === "diri_sendiri"; };
  choice.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
})();
