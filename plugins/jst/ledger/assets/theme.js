"use strict";

// Dark or light as Airflow is, also when somebody switches it; before the first paint.
function theme() {
  const airflow = window.parent !== window ? window.parent.document.documentElement : null;
  const chosen = localStorage.getItem("theme");
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = airflow ? airflow.classList.contains("dark") : chosen === "dark" || (chosen !== "light" && system);
  document.documentElement.classList.toggle("dark", dark);
}

theme();
if (window.parent !== window) {
  new MutationObserver(theme).observe(window.parent.document.documentElement, { attributeFilter: ["class"] });
}

// Airflow's frame may not open anything; its own window follows what leads out.
function follow(event) {
  const link = event.target.closest("a");
  const target = link && (link.target || document.querySelector("base")?.target);
  if (target !== "_top" || window.parent === window || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const outside = window.parent.document.createElement("a");
  outside.href = link.href;
  window.parent.document.body.append(outside);
  outside.click();
  outside.remove();
}

document.addEventListener("click", follow);
