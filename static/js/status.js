// The QR puts the code behind "#", which no server sees. Hand it over in a form's body and wipe it from the address.
"use strict";
const form = document.getElementById("cek");
if (form && location.hash.length > 1) {
  form.elements.code.value = location.href;
  history.replaceState(null, "", location.pathname);
  form.submit();
}
