import { fill, h } from "./dom.js";
import { word } from "./words.js";

const NAMES = ["shop", "platform", "category", "day"];
const OTHERS = ["lang", "wall", "still", "find"];

// What is chosen stands in the page's address: a link opens what one saw.
export class Filters {
  constructor(shape, changed) {
    Object.assign(this, { shape, changed });
    this.chosen = new URLSearchParams(location.search);
    this.element = h("div", { class: "filters", role: "group", "aria-label": word("filters") });
    this.show();
  }

  offered() {
    return NAMES.filter((name) => name in (this.shape.filters ?? {}));
  }

  // The query of data, CSV and drill: filters and language, nothing of the page's looks.
  query() {
    const kept = new URLSearchParams();
    for (const name of NAMES) for (const value of this.chosen.getAll(name)) kept.append(name, value);
    if (this.chosen.get("lang")) kept.set("lang", this.chosen.get("lang"));
    return kept;
  }

  // What is chosen, for a wall or a picture, which show no filters.
  words() {
    const days = this.chosen.getAll("day").sort();
    const named = (name) => (value) => this.shape.filters?.[name]?.find((option) => option.value === value)?.name ?? value;
    const others = NAMES.filter((name) => name !== "day").flatMap((name) => this.chosen.getAll(name).map(named(name)));
    return [days.length > 1 ? `${days[0]} – ${days.at(-1)}` : days[0], ...others].filter(Boolean).join("、");
  }

  // The address of the page, with another language or layout.
  address(changes = {}) {
    const kept = this.query();
    for (const name of OTHERS) if (this.chosen.get(name)) kept.set(name, this.chosen.get(name));
    for (const [name, value] of Object.entries(changes)) value ? kept.set(name, value) : kept.delete(name);
    const query = kept.toString();
    return query ? `?${query}` : location.pathname;
  }

  set(name, values) {
    this.chosen.delete(name);
    for (const value of values) this.chosen.append(name, value);
    history.replaceState(null, "", this.address());
    this.show();
    this.changed();
  }

  show() {
    const open = this.element.querySelector("details[open]")?.dataset.filter;
    const any = NAMES.some((name) => this.chosen.has(name));
    fill(this.element,
      this.offered().map((name) => (name === "day" ? this.day() : this.several(name, name === open))),
      any ? h("button", { type: "button", class: "clear", onclick: () => this.clear() }, `✕ ${word("clear")}`) : "");
  }

  clear() {
    for (const name of NAMES) this.chosen.delete(name);
    this.set("day", []);
  }

  several(name, open) {
    const options = this.shape.filters[name];
    const chosen = new Set(this.chosen.getAll(name));
    const told = options.filter(({ value }) => chosen.has(String(value))).map((option) => option.name);
    const boxes = options.map((option) => h("label", {}, h("input", {
      type: "checkbox", value: option.value, checked: chosen.has(String(option.value)),
      onchange: ({ target }) => {
        target.checked ? chosen.add(String(option.value)) : chosen.delete(String(option.value));
        this.set(name, [...chosen]);
      },
    }), option.name));
    const details = h("details", { "data-filter": name, open }, h("summary", { class: chosen.size ? "on" : "" },
      `${word(name)}：${chosen.size === 0 ? word("all") : told.length === 1 ? told[0] : `${chosen.size}`}`), h("div", { class: "options" }, boxes));
    details.addEventListener("keydown", (event) => event.key === "Escape" && (details.open = false));
    return details;
  }

  day() {
    const value = this.chosen.get("day") ?? "";
    return h("label", { class: "day" }, `${word("day")} `, h("input", {
      type: "date", value, onchange: ({ target }) => this.set("day", target.value ? [target.value] : []),
    }));
  }
}
