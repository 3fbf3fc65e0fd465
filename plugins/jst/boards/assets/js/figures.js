import { fill, h } from "./dom.js";
import { change, exact, short, toNumber } from "./format.js";
import { alarm, measures } from "./rows.js";
import { isStill } from "./theme.js";
import { unitOf } from "./echart.js";
import { word } from "./words.js";

const DELTA = /_day_over_day$/;
const PAST = /_(yesterday|same_day_last_week|last_week)$/;

// Key figures: the first one (or `look.big`) is the board's one big number.
export function drawFigures(holder, panel, rows) {
  const row = rows[0] ?? {};
  const columns = measures(panel);
  const past = columns.filter(({ name }) => PAST.test(name) && columns.some((other) => other.name === name.replace(PAST, "")));
  const deltas = columns.filter((column) => DELTA.test(column.name));
  const edges = Object.values(panel.look?.bands ?? {}).flat();
  const quiet = ({ name }) => edges.includes(name) || (panel.look?.hide?.includes(name) && !alarm(panel, row, name));
  const main = columns.filter((column) => !past.includes(column) && !deltas.includes(column) && !quiet(column));
  const big = panel.look?.big ?? (panel.look?.even ? "" : main[0]?.name);
  const before = new Map([...holder.querySelectorAll("[data-figure]")].map((value) => [value.dataset.figure, Number(value.dataset.number)]));
  const list = h("dl", { class: `figures of-${main.length}${big ? " with-big" : ""}` });
  fill(list, main.map((column) => figure(panel, row, column, {
    big: column.name === big,
    delta: deltas.find((each) => each.name.replace(DELTA, "") === column.name),
    past: past.filter((each) => each.name.replace(PAST, "") === column.name),
    band: panel.look?.bands?.[column.name],
    from: before.get(column.name),
  })));
  fill(holder, list);
}

function figure(panel, row, column, { big, delta, past, band, from }) {
  const found = alarm(panel, row, column.name);
  const value = h("span", { class: "number", "data-figure": column.name, "data-number": toNumber(row[column.name]) ?? "", title: exact(row[column.name], column.format) + unitOf(column) });
  countUp(value, from, toNumber(row[column.name]), (number) => short(number, column.format), short(row[column.name], column.format));
  return h("div", { class: `figure${big ? " big" : ""}${found ? ` ${found.level}` : ""}`, "data-column": column.name },
    h("dt", {}, h("a", { href: `metrics#${column.metric}` }, column.title)),
    h("dd", {},
      h("span", { class: "value" }, found ? h("span", { class: "sign", role: "img", "aria-label": word("alarm") }, "⚠") : "", value, h("small", {}, unitOf(column))),
      found?.word ? h("span", { class: "alarm-word" }, found.word) : "",
      delta ? deltaOf(row, delta) : "",
      band ? h("span", { class: "past" }, `${word("between")} ${band.map((edge) => short(row[edge], column.format)).join(" – ")}`) : "",
      past.map((each) => h("span", { class: "past" }, `${each.title} ${short(row[each.name], each.format)}`))));
}

function deltaOf(row, column) {
  const { text, way } = change(row[column.name]);
  const spoken = way ? word(way) : "";
  return h("span", { class: `delta ${way}`, title: column.title, "aria-label": `${column.title} ${spoken} ${text}` }, text, h("small", {}, ` ${column.title}`));
}

// From the figure shown before to the new one, within a second.
export function countUp(element, from, to, write, last) {
  if (isStill() || from === undefined || to === null || Number.isNaN(from) || from === to) {
    element.textContent = last;
    return;
  }
  const start = performance.now();
  const step = (now) => {
    const share = Math.min(1, (now - start) / 900);
    element.textContent = share < 1 ? write(from + (to - from) * (1 - (1 - share) ** 3)) : last;
    if (share < 1 && element.isConnected) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
