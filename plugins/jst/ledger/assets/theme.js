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
