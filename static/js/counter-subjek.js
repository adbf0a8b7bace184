// Shows the fields of the person the document is for only when that is somebody else.
(() => {
  const part = document.querySelector("[data-subjek]");
  const choices = document.querySelectorAll("input[name=relation]");
  if (!part || !choices.length) return;
  const show = () => {
    const chosen = document.querySelector("input[name=relation]:checked");
    part.hidden = !chosen || chosen.value === "diri_sendiri";
  };
  for (const choice of choices) choice.addEventListener("change", show);
  show();
})();
