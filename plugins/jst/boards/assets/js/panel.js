import { drawBars } from "./bars.js";
import { drawCurves } from "./curves.js";
import { fill, h } from "./dom.js";
import { forget, resize } from "./echart.js";
import { drawFigures } from "./figures.js";
import { age, exact, inWords, stamp } from "./format.js";
import { drawMap } from "./map.js";
import { planButtons } from "./plan.js";
import { showTable } from "./overlay.js";
import { drawRace } from "./race.js";
import { labelOf, measures, toRows } from "./rows.js";
import { drawTable } from "./table.js";
import { language, word } from "./words.js";

const DRAW = { figures: drawFigures, line: drawCurves, bars: drawBars, map: drawMap, table: drawTable, race: drawRace };
const AMBER_SECONDS = 60;
const RED_SECONDS = 300;

// One panel: its frame, its state in words, its stamp, and what its chart draws.
export class Panel {
  constructor(shape, context) {
    Object.assign(this, { shape, context, hash: null, rows: [], told: null, drawn: false });
    this.body = h("div", { class: `body ${shape.chart}` });
    this.note = h("p", { class: "note" });
    this.stampText = h("span", { class: "stamp", role: "status", "aria-live": "off" });
    this.word = h("strong", { class: "panel-word" });
    this.element = h("section", { class: `panel ${shape.chart}`, "data-panel": shape.id, "data-state": "loading", "aria-labelledby": `title-${shape.id}` },
      h("header", {}, h("h2", { id: `title-${shape.id}` }, shape.title), this.word, shape.action === "plan" ? planButtons(context.board, context.plan) : "", this.links()),
      this.body, this.note, h("footer", {}, this.stampText));
    this.place();
    this.say("loading", word("loading"));
  }

  place() {
    const { column, row, width, height } = this.shape.place ?? {};
    if (column) this.element.style.gridColumn = `${column} / span ${width}`;
    if (row) this.element.style.gridRow = `${row} / span ${height}`;
  }

  links() {
    const metrics = [...new Set(measures(this.shape).map(({ metric }) => metric))];
    const wanted = new URLSearchParams([...metrics.map((metric) => ["metric", metric]), ["lang", language()]]);
    const name = (text) => `${text}：${this.shape.title}`;
    return h("nav", { class: "links" },
      metrics.length ? h("a", { href: `metrics?${wanted}`, "aria-label": name(word("definition")) }, word("definition")) : "",
      h("button", { type: "button", "aria-label": name(word("table")), onclick: () => showTable(this.shape, this.rows, { drill: this.drill(), csv: this.context.csv(this.shape.id) }) }, word("table")),
      (this.csv = h("a", { href: this.context.csv(this.shape.id), download: "", "aria-label": name("CSV") }, word("csv"))));
  }

  drill() {
    return this.shape.drill ? (row) => this.context.drill(this.shape, row) : null;
  }

  // ``told``: what the server says about this panel. Draws again only when its own content changed.
  async update(told) {
    this.told = told;
    this.csv.href = this.context.csv(this.shape.id);
    this.element.dataset.state = told.state;
    this.age(Date.now());
    if (told.hash !== undefined && told.hash === this.hash) return;
    this.hash = told.hash;
    const rows = toRows(told.columns);
    const hopeless = told.state === "forbidden" || told.state === "empty" || !rows.length;
    this.rows = hopeless ? [] : rows;
    this.warn();
    if (hopeless) this.say(told.state, this.sentence(told));
    else await this.draw();
  }

  // What one has to know beside the figures.
  warn() {
    const columns = this.shape.columns.filter(({ name }) => this.shape.look?.notes?.includes(name));
    const said = new Set(columns.flatMap((column) => this.rows.map((row) => row[column.name] && inWords(row[column.name], column))));
    if (columns.length) fill(this.note, [...said].filter(Boolean).map((sentence) => h("span", {}, sentence)));
  }

  sentence({ state, words }) {
    return words || (state === "empty" || state === "ok" ? this.shape.empty || word("empty") : word(state));
  }

  say(state, sentence) {
    forget(this.body);
    this.body.stopRolling?.();
    this.body.removeAttribute("role"); // a screen reader skips what is inside a picture
    this.body.removeAttribute("aria-label");
    fill(this.body, h("p", { class: `state ${state}` }, state === "failed" ? "⚠ " : "", sentence));
    if (state !== "loading") this.drawn = true;
  }

  async draw() {
    this.body.querySelector(":scope > .state")?.remove();
    this.describe();
    try {
      await DRAW[this.shape.chart](this.body, this.shape, this.rows, { ...this.context.now(), note: this.note, drill: this.drill() });
    } catch (problem) {
      console.error(problem);
      this.say("failed", word("failed"));
    }
    this.drawn = true;
  }

  // A chart is a picture: its name and first figures for a person who hears the page.
  describe() {
    if (!["line", "bars", "map"].includes(this.shape.chart)) return;
    const [column] = measures(this.shape);
    const first = this.rows.slice(0, 3).map((row) => `${labelOf(this.shape, row)} ${exact(row[column.name], column.format)}`).join("，");
    this.body.setAttribute("role", "img");
    this.body.setAttribute("aria-label", `${this.shape.title}：${column.title}，${first}${this.ahead()}`);
  }

  // What is expected of the hour that is running.
  ahead() {
    const row = this.rows.find((each) => each[this.shape.by[0]] === this.context.now().hour);
    const known = Object.entries(this.shape.look?.bands ?? {}).filter(([name]) => row?.[name] ?? false);
    const said = known.map(([name, edges]) => {
      const { title, format } = this.shape.columns.find((column) => column.name === name);
      return `；${title} ${labelOf(this.shape, row)} ${exact(row[name], format)}（${edges.map((edge) => exact(row[edge], format)).join("–")}）`;
    });
    return said.join("");
  }

  // A figure that a chosen filter cannot reach must not look as if it were filtered.
  unfiltered() {
    const reach = this.shape.filters;
    const lost = reach ? Object.keys(this.context.now().filters).filter((name) => name !== "lang" && !reach.includes(name)) : [];
    const chosen = Object.keys(this.context.now().filters);
    const gone = this.shape.columns.filter(({ unreached_by: by }) => by?.some((name) => chosen.includes(name)));
    return [
      lost.length ? h("b", { class: "amber" }, ` · ${word("unfiltered")}${lost.map((name) => word(name)).join(word("comma"))}`) : "",
      gone.length ? h("span", {}, ` · ${word("leftOut")}${gone.map(({ title }) => title).join(word("comma"))}`) : "",
    ];
  }

  again() {
    if (!this.rows.length) return;
    forget(this.body);
    this.draw();
  }

  fit() {
    resize(this.body);
    if (this.shape.chart !== "figures" && this.rows.length) this.draw(); // bars and the map are as large as their place
  }

  // A stamp grows old while the page stands, also when no answer comes.
  age(now, stamps = null) {
    if (!this.told) return;
    if (stamps) [this.told.as_of, this.told.complete_until] = stamps;
    const { as_of: asOf, complete_until: complete, state } = this.told;
    const seconds = asOf ? (now - Date.parse(asOf)) / 1000 : 0;
    const level = state === "late" || state === "failed" || seconds > RED_SECONDS ? "red" : seconds > AMBER_SECONDS ? "amber" : "";
    this.element.dataset.age = level;
    const trouble = ["late", "failed"].includes(state) && this.rows.length ? this.sentence(this.told) : "";
    this.word.textContent = trouble ? `⚠ ${trouble}` : "";
    fill(this.stampText,
      asOf ? h("span", {}, `${level === "red" ? "⚠ " : ""}${word("asOf")} `, h("time", { datetime: asOf }, stamp(asOf)), ` · ${age(seconds)}${word("ago")}`) : word("noFeed"),
      complete ? h("span", {}, ` · ${word("complete")} ${stamp(complete)}`) : "",
      this.unfiltered());
  }
}
