import { fill, h } from "./dom.js";
import { exact, short, toNumber } from "./format.js";
import { countUp } from "./figures.js";
import { labelOf, measures } from "./rows.js";
import { roll, snap } from "./roll.js";
import { word } from "./words.js";

// A leaderboard: numbers count up, places move, what does not fit rolls.
export function drawRace(holder, panel, rows, context) {
  const columns = measures(panel);
  const [column] = columns;
  const key = panel.by[0];
  let list = holder.querySelector("ol.race");
  if (!list) {
    list = h("ol", { class: "race", tabindex: "0", "aria-label": panel.title });
    fill(holder, list);
    holder.stopRolling = roll(list);
  }
  const old = new Map([...list.children].map((item) => [item.dataset.row, { item, top: item.offsetTop, place: Number(item.dataset.place) }]));
  const most = Math.max(1, ...rows.map((row) => toNumber(row[column.name]) ?? 0));
  const items = rows.map((row, index) => {
    const id = String(row[key]);
    const item = old.get(id)?.item ?? entry(row, panel, context);
    write(item, row, { panel, columns, place: index + 1, before: old.get(id)?.place, share: (toNumber(row[column.name]) ?? 0) / most });
    return item;
  });
  fill(list, items);
  snap(list, items);
  for (const item of items) slide(item, old.get(item.dataset.row)?.top);
}

function entry(row, panel, context) {
  const name = h(context.drill ? "button" : "span", { class: "name", type: context.drill ? "button" : null });
  const item = h("li", { "data-row": String(row[panel.by[0]]) }, h("b", { class: "place" }), name, h("span", { class: "moved" }), h("span", { class: "amount" }), h("span", { class: "more" }), h("i", { class: "track" }));
  if (context.drill) name.addEventListener("click", () => context.drill(item.row));
  return item;
}

function write(item, row, { panel, columns, place, before, share }) {
  const [column, ...rest] = columns;
  item.row = row;
  item.dataset.place = String(place);
  item.className = place <= 3 ? `podium place-${place}` : "";
  item.querySelector(".place").textContent = String(place);
  item.querySelector(".place").setAttribute("aria-label", `${word("place")} ${place}`);
  item.querySelector(".name").textContent = labelOf(panel, row);
  item.querySelector(".name").title = labelOf(panel, row);
  item.style.setProperty("--share", `${(100 * share).toFixed(2)}%`);
  const amount = item.querySelector(".amount");
  const number = toNumber(row[column.name]);
  countUp(amount, amount.dataset.number ? Number(amount.dataset.number) : undefined, number, (value) => exact(value.toFixed(2), column.format), exact(row[column.name], column.format));
  amount.dataset.number = String(number ?? "");
  item.querySelector(".more").textContent = rest.map((each) => `${each.title} ${short(row[each.name], each.format)}`).join(" · ");
  const moved = item.querySelector(".moved");
  const places = before === undefined || before === place ? 0 : before - place;
  moved.className = `moved ${places > 0 ? "up" : places < 0 ? "down" : ""}`;
  moved.textContent = places ? `${places > 0 ? "▲" : "▼"}${Math.abs(places)}` : "";
}

// From the place where it stood to the one it has now.
function slide(item, from) {
  const distance = from === undefined ? 0 : from - item.offsetTop;
  if (!distance || !item.animate || document.documentElement.dataset.still === "1") return;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  item.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], { duration: 900, easing: "cubic-bezier(.2,.8,.2,1)" });
}
