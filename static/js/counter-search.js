// Shows the services that fit while the words are still being typed; without it the button does the same.
(() => {
  const field = document.querySelector("main form[role=search] input[name=q]");
  const place = document.querySelector("[data-results]");
  if (!field || !place) return;
  let timer, asked = "";
  const find = async () => {
    const words = field.value.trim();
    if (words.length < 3 || words === asked) return;
    asked = words;
    const answer = await fetch(field.form.action + "?q=" + encodeURIComponent(words), { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok || asked !== words) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-results]");
    if (found) place.replaceChildren(...found.childNodes);
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(find, 250); });
})();
