"use strict";

// Show what is new every few seconds, but never under a hand: what somebody has typed or folded out stays.
const EVERY = 20_000;

async function refresh() {
  if (document.hidden || document.querySelector("form:focus-within, form.touched")) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || answer.status >= 500) return;
  if (answer.redirected || !answer.ok) return void location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!fresh || document.querySelector("form:focus-within, form.touched")) return;
  for (const shown of document.querySelectorAll("details[id]")) {
    fresh.querySelector(`#${CSS.escape(shown.id)}`)?.toggleAttribute("open", shown.open);
  }
  document.querySelector("main").replaceWith(fresh);
}

document.addEventListener("input", (event) => event.target.form?.classList.add("touched"));
setInterval(refresh, EVERY);
