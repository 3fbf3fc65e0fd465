"use strict";

// Show what is new every few seconds, but never under a hand: what somebody has typed or folded out stays.
const EVERY = 20_000;
const PATIENCE = 15_000;

async function refresh() {
  if (document.hidden) return;
  if (isHeld()) return note("held");
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (!answer || answer.status >= 500) return note("away");
  if (answer.redirected || !answer.ok) return void location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!fresh || isHeld()) return;
  note("");
  for (const shown of document.querySelectorAll("details[id]")) {
    fresh.querySelector(`#${CSS.escape(shown.id)}`)?.toggleAttribute("open", shown.open);
  }
  document.querySelector("main").replaceWith(fresh);
}

function isHeld() {
  return document.querySelector("form:focus-within, form.touched") !== null;
}

// An old page must not look like calm.
function note(reason) {
  for (const each of document.querySelectorAll("[data-old]")) each.hidden = each.dataset.old !== reason;
}

document.addEventListener("input", (event) => event.target.form?.classList.add("touched"));
setInterval(refresh, EVERY);
