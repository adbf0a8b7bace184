// Sets a NIK in groups of four while it is typed and says what it tells, so that a slip is heard before the next field.
// Its sixteenth digit leads on to the next empty field.
(() => {
  const LENGTH = 16;
  const grouped = (digits) => digits.replace(/(\d{4})(?=\d)/g, "$1 ");
  const arrange = (field) => {
    const raw = field.value;
    if (/[^\d .-]/.test(raw)) return raw;
    const before = raw.slice(0, field.selectionStart).replace(/\D/g, "").length;
    field.value = grouped(raw.replace(/\D/g, ""));
    let place = 0;
    for (let seen = 0; seen < before; place++) if (/\d/.test(field.value[place])) seen++;
    if (document.activeElement === field) field.setSelectionRange(place, place);
    return field.value;
  };
  const told = (digits, words) => {
    const [man, woman, born, less, digit, more] = words;
    if (!/^\d*$/.test(digits) || !digits) return "";
    if (digits.length < LENGTH) return `${less} ${LENGTH - digits.length} ${digit}`;
    if (digits.length > LENGTH) return `${more} ${digits.length - LENGTH} ${digit}`;
    const day = Number(digits.slice(6, 8));
    return `✓ ${day > 40 ? woman : man}, ${born} ${String(day % 40 || day).padStart(2, "0")}-${digits.slice(8, 10)}-${digits.slice(10, 12)}`;
  };
  for (const field of document.querySelectorAll("input.nik")) {
    const place = document.querySelector(`output[for="${field.id}"]`);
    const say = () => { if (place) place.textContent = told(field.value.replace(/[ .-]/g, ""), place.dataset.words.split("|")); };
    field.addEventListener("input", (event) => {
      const whole = arrange(field).replace(/[ .-]/g, "");
      say();
      const typed = event.inputType && event.inputType.startsWith("insert");
      if (typed && /^\d{16}$/.test(whole) && field.selectionStart === field.value.length) field.dispatchEvent(new Event("filled", { bubbles: true }));
    });
    say();
  }
})();
