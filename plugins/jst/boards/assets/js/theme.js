// Colours and sizes stand in board.css only; charts read them here.

export const root = document.documentElement;

export function colour(name) {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}

// Pixels of a size in the page's own unit: a wall of 3840 points has letters twice as large as one of 1920.
export function size(rem) {
  return rem * parseFloat(getComputedStyle(root).fontSize);
}

export function isStill() {
  return root.dataset.still === "1" || matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// Dark or light as chosen here, else as Airflow around the page is, else as the system; a wall is dark.
export function setTheme(wall) {
  const chosen = localStorage.getItem("jst-boards-theme");
  const airflow = window.parent !== window && sameOrigin() ? window.parent.document.documentElement : null;
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = chosen ? chosen === "dark" : wall || (airflow ? airflow.classList.contains("dark") : system);
  root.dataset.theme = dark ? "dark" : "light";
}

// Says when Airflow's own switch was pressed.
export function onAirflowTheme(changed) {
  if (window.parent === window || !sameOrigin()) return;
  new MutationObserver(changed).observe(window.parent.document.documentElement, { attributeFilter: ["class"] });
}

// Lets the server answer a click on Airflow's home: Airflow's own page would show 403 to who may open the boards alone.
export function leaveByTheServer() {
  if (window.parent === window || !sameOrigin()) return;
  const home = new URL("../..", location.href).pathname;
  window.parent.document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && `${link.pathname}/`.replace("//", "/") === home) event.stopPropagation(); // the browser follows it itself
  }, { capture: true });
}

function sameOrigin() {
  try {
    return Boolean(window.parent.document);
  } catch {
    return false;
  }
}

export function switchTheme() {
  const next = root.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("jst-boards-theme", next);
  root.dataset.theme = next;
}
