import { fill, h } from "./dom.js";
import { inWords, isNumber, toNumber } from "./format.js";
import { unitOf } from "./echart.js";
import { alarm, labelColumn, worst } from "./rows.js";
import { roll, snap } from "./roll.js";
import { root } from "./theme.js";
import { word } from "./words.js";

const SEARCH_FROM = 12;
const BROKEN_FROM = 30; // letters from which a text is broken into lines

// A table with conditional format, sort and search; what a person chose survives the next refresh. An alert's link says
// in the address what to search for.
export function drawTable(holder, panel, rows, context = {}) {
  holder.tableState ??= { sort: null, down: true, search: new URLSearchParams(location.search).get("find") ?? "" };
  const state = holder.tableState;
  const columns = columnsOf(panel);
  const most = Object.fromEntries(columns.map(({ column }) => [column.name, Math.max(0, ...rows.map((row) => toNumber(row[column.name]) ?? 0))]));
  const body = h("tbody");
  const count = h("span", { class: "count", role: "status" });
  const show = () => {
    const found = chosen(rows, columns, state);
    fill(body, found.map((row) => line(panel, row, columns, most, context)));
    count.textContent = found.length === rows.length ? `${rows.length} ${word("found")}` : `${found.length} / ${rows.length} ${word("found")}`;
  };
  const head = h("tr");
  const heads = () => fill(head, columns.map(({ column }) => header(column, state, () => {
    state.down = state.sort === column.name ? !state.down : isNumber(column.format);
    state.sort = column.name;
    heads();
    show();
  })));
  heads();
  const field = h("input", { type: "search", placeholder: word("search"), "aria-label": `${word("search")} ${panel.title}`, value: state.search });
  field.addEventListener("input", () => {
    state.search = field.value;
    show();
  });
  const focused = holder.contains(document.activeElement) && document.activeElement.type === "search";
  const scroll = holder.querySelector(".scroll")?.scrollTop ?? 0;
  const frame = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": panel.title }, h("table", {}, h("thead", {}, head), body));
  fill(holder, rows.length > SEARCH_FROM || state.search || root.dataset.wall === "1" ? h("div", { class: "tools" }, field, count) : "", frame);
  show();
  frame.scrollTop = scroll;
  if (focused) field.focus();
  snap(frame, body.rows);
  holder.stopRolling?.();
  holder.stopRolling = roll(frame);
}

// A name takes the place of its id, which stands small below it.
function columnsOf(panel) {
  const hidden = new Set([...(panel.look?.hide ?? []), ...(panel.look?.notes ?? [])]);
  const named = new Map();
  for (const cut of panel.by ?? []) {
    const column = labelColumn(panel, cut);
    if (column && column.name !== cut && panel.columns.some(({ name }) => name === cut)) {
      named.set(column.name, cut);
      hidden.add(cut).add("properties");
    }
  }
  return panel.columns.filter((column) => !hidden.has(column.name)).map((column) => ({ column, under: named.get(column.name) }));
}

function chosen(rows, columns, { sort, down, search }) {
  const wanted = search.trim().toLowerCase();
  const found = wanted ? rows.filter((row) => Object.values(row).some((value) => String(value ?? "").toLowerCase().includes(wanted))) : [...rows];
  const column = columns.find((each) => each.column.name === sort)?.column;
  if (!column) return found;
  const key = isNumber(column.format) ? (row) => toNumber(row[sort]) : (row) => row[sort];
  return found.sort((one, other) => compare(key(one), key(other), down));
}

function compare(one, other, down) {
  if (one === null || one === undefined) return 1; // what is unknown stands last both ways
  if (other === null || other === undefined) return -1;
  const order = typeof one === "number" ? one - other : String(one).localeCompare(String(other), "zh-CN");
  return down ? -order : order;
}

function header(column, state, sort) {
  const sorted = state.sort === column.name;
  return h("th", { scope: "col", class: isNumber(column.format) ? "digits" : "", "aria-sort": sorted ? (state.down ? "descending" : "ascending") : "none" },
    h("button", { type: "button", onclick: sort }, column.title, isNumber(column.format) ? h("small", {}, unitOf(column)) : "", h("i", {}, sorted ? (state.down ? " ▾" : " ▴") : "")));
}

function line(panel, row, columns, most, context) {
  const bad = worst(panel, row);
  const cells = columns.map(({ column, under }, number) => cell(panel, row, column, under, { most, first: number === 0, bad, context }));
  return h("tr", { class: bad ? bad.level : "", "data-row": String(row[panel.by?.[0]] ?? "") }, cells);
}

function fileLink(address) {
  return address ? h("a", { href: address, download: "" }, word("download")) : "—";
}

function cell(panel, row, column, under, { most, first, bad, context }) {
  const found = alarm(panel, row, column.name);
  const text = column.format === "file" ? fileLink(row[column.name]) : inWords(row[column.name], column);
  const content = first && context.drill ? h("button", { type: "button", class: "drill", onclick: () => context.drill(row) }, text) : text;
  const long = !first && typeof text === "string" && text.length > BROKEN_FROM;
  const made = h(first ? "th" : "td", { scope: first ? "row" : null, class: `${isNumber(column.format) ? "digits" : long ? "long" : ""}${found ? ` ${found.level}` : ""}` },
    first && bad ? h("span", { class: "sign blink", role: "img", "aria-label": word("alarm") }, "⚠") : "",
    content, found?.word ? h("b", { class: "alarm-word" }, found.word) : "",
    under ? h("small", { class: "under" }, [row[under], under === "sku_id" ? row.properties : ""].filter(Boolean).join(" · ")) : "");
  if (panel.look?.bars?.includes(column.name) && most[column.name] > 0) {
    made.classList.add("bar");
    made.style.setProperty("--share", `${Math.max(0, Math.min(100, (100 * (toNumber(row[column.name]) ?? 0)) / most[column.name]))}%`);
  }
  return made;
}
