import { toNumber } from "./format.js";

// Columns as the server sends them → one object per row.
export function toRows(columns) {
  const names = Object.keys(columns ?? {});
  const length = names.length ? columns[names[0]].length : 0;
  return Array.from({ length }, (_, at) => Object.fromEntries(names.map((name) => [name, columns[name][at]])));
}

export function measures(panel) {
  return panel.columns.filter((column) => column.metric);
}

// What a row is called: its name where there is one, else its id.
export function labelColumn(panel, cut = panel.by[0]) {
  const names = { shop_id: "shop_name", sku_id: "sku_name", i_id: "style_name", wms_co_id: "warehouse_name" };
  const wanted = cut === "module" && document.documentElement.lang !== "en" ? "module_name" : names[cut];
  return panel.columns.find((column) => column.name === wanted) ?? panel.columns.find((column) => column.name === cut);
}

export function labelOf(panel, row, cut = panel.by[0]) {
  const column = labelColumn(panel, cut);
  const more = cut === "sku_id" && row.properties ? ` ${row.properties}` : "";
  return String((column && (column.words?.[row[column.name]] ?? row[column.name])) || row[cut] || "—") + more;
}

const ALARMS = [["red", "above", 1], ["red", "below", -1], ["amber", "above", 1], ["amber", "below", -1]];

// The worst threshold a value has crossed: {level, word, limit}, or null. A limit is a number or another column.
export function alarm(panel, row, name) {
  const rule = panel.thresholds?.[name];
  const value = toNumber(row[name]);
  if (!rule || value === null) return null;
  for (const [level, side, sign] of ALARMS) {
    const limit = rule[`${level}_${side}`];
    const number = toNumber(typeof limit === "string" && limit in row ? row[limit] : limit);
    if (number !== null && (value - number) * sign > 0) return { level, word: rule.word ?? "", limit: number };
  }
  return null;
}

export function worst(panel, row) {
  const found = Object.keys(panel.thresholds ?? {}).map((name) => alarm(panel, row, name)).filter(Boolean);
  return found.find((each) => each.level === "red") ?? found[0] ?? null;
}
