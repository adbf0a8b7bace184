// Enter leads to the next empty field; where none is left the browser sends the form, as it does without this.
(() => {
  const shown = (field) => field.checkVisibility ? field.checkVisibility() : field.offsetParent;
  const fields = (form) => [...form.elements].filter((each) => each.matches(".input") && shown(each));
  const after = (field) => fields(field.form).slice(fields(field.form).indexOf(field) + 1).find((each) => !each.value);
  addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.matches("form[data-next] input.input")) return;
    const next = after(field);
    if (next) { event.preventDefault(); next.focus(); }
  });
  addEventListener("focusin", ({ target }) => {
    if (target.matches("form[data-next] input.input")) target.enterKeyHint = after(target) ? "next" : "go";
  });
  addEventListener("filled", ({ target }) => { const next = after(target); if (next) next.focus(); });
})();
