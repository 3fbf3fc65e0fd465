import { fill, h } from "./dom.js";
import { toRows } from "./rows.js";
import { drawTable } from "./table.js";
import { word } from "./words.js";

let trail = [];

function dialog() {
  return document.getElementById("overlay");
}

// The rows behind a panel, as a table over the page.
export function showTable(panel, rows, context) {
  trail = [];
  openTable(panel.title, panel, rows, context);
}

export function box(title, content) {
  frame(title, content);
  if (!dialog().open) dialog().showModal();
}

// One step down, and from there the next: shop → styles → SKUs, product → its orders.
export async function drill(address, query, title) {
  trail.push(title);
  box(trail.join(" › "), h("p", { class: "state" }, word("loading")));
  const answer = await fetch(`${address}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return frame(trail.join(" › "), h("p", { class: "state failed" }, `⚠ ${word("failed")}${answer ? ` (${answer.status})` : ""}`));
  const told = await answer.json();
  const panel = { title: told.title ?? title, columns: told.columns ?? [], by: told.by ?? [], thresholds: told.thresholds ?? {}, look: {} };
  const rows = toRows(told.rows);
  if (!rows.length) return frame(trail.join(" › "), h("p", { class: "state" }, told.words || word("empty")));
  const next = told.drill && ((row) => {
    const more = new URLSearchParams(query);
    for (const cut of panel.by) more.set(cut, row[cut]);
    drill(address, more, String(row[panel.by[0]]));
  });
  return openTable(`${trail.join(" › ")} · ${panel.title}`, panel, rows, { drill: next || null, csv: `${address}.csv?${query}` });
}

export function startTrail() {
  trail = [];
}

export function openTable(title, panel, rows, context) {
  const holder = h("div", { class: "table" });
  frame(title, holder, context.csv && h("a", { href: context.csv, download: "" }, word("csv")));
  drawTable(holder, panel, rows, context);
  if (!dialog().open) dialog().showModal();
}

export function frame(title, content, file = null) {
  const close = h("button", { type: "button", class: "close", onclick: () => dialog().close() }, `✕ ${word("close")}`);
  fill(dialog(), h("header", {}, h("h2", {}, title), file, close), content);
  dialog().setAttribute("aria-label", title);
}
