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
  open(panel.title, panel, rows, context);
}

// One step down, and from there the next: shop → styles → SKUs, product → its orders.
export async function drill(address, query, title) {
  const box = dialog();
  trail.push(title);
  frame(trail.join(" › "), h("p", { class: "state" }, word("loading")));
  if (!box.open) box.showModal();
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
  return open(`${trail.join(" › ")} · ${panel.title}`, panel, rows, { drill: next || null });
}

export function startTrail() {
  trail = [];
}

function open(title, panel, rows, context) {
  const holder = h("div", { class: "table" });
  frame(title, holder);
  drawTable(holder, panel, rows, context);
  if (!dialog().open) dialog().showModal();
}

function frame(title, content) {
  const close = h("button", { type: "button", class: "close", onclick: () => dialog().close() }, `✕ ${word("close")}`);
  fill(dialog(), h("header", {}, h("h2", {}, title), close), content);
  dialog().setAttribute("aria-label", title);
}
