// Copies the ready message; without a clipboard it is selected, so that one key copies it.
(() => {
  const text = document.querySelector("[data-copy]"), button = document.querySelector("[data-copy-button]");
  if (!text || !button) return;
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    const copied = navigator.clipboard && (await navigator.clipboard.writeText(text.value).then(() => true, () => false));
    if (copied || document.execCommand("copy")) {
      button.textContent = "✓ " + words;
      setTimeout(() => { button.textContent = words; }, 3000);
    }
  });
})();
