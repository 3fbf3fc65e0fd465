import { chinaMap } from "./map.js";
import { drill, startTrail } from "./overlay.js";
import { Filters } from "./filters.js";
import { Panel } from "./panel.js";
import { Poll } from "./poll.js";
import { clock, stamp } from "./format.js";
import { drawHead } from "./head.js";
import { fill, h } from "./dom.js";
import { leaveByTheServer, onAirflowTheme, root, setTheme } from "./theme.js";
import { labelOf } from "./rows.js";
import { speak, word } from "./words.js";

const RELOAD_HOUR = "04";

function start() {
  const shape = JSON.parse(document.getElementById("board").textContent);
  const options = new URLSearchParams(location.search);
  speak(shape.lang);
  root.dataset.wall = options.get("wall") === "1" ? "1" : "0";
  root.dataset.still = options.get("still") === "1" ? "1" : "0";
  root.dataset.board = shape.id;
  setTheme(root.dataset.wall === "1");
  new Board(shape).begin();
}

class Board {
  constructor(shape) {
    this.shape = shape;
    this.files = `files/${shape.version}`;
    this.born = Date.now();
    this.since = null;
    this.asked = "";
    this.filters = new Filters(shape, () => this.poll.now(this.address()));
    this.tick = drawHead(shape, this.filters, () => this.panels.forEach((panel) => panel.again()));
    const context = {
      board: shape.id, plan: shape.plan,
      now: () => ({ files: this.files, map: shape.map, hour: this.hour, day: this.day, filters: Object.fromEntries(this.filters.query()) }),
      csv: (panel) => `${shape.id}/${panel}.csv?${this.filters.query()}`,
      drill: (panel, row) => this.drill(panel, row),
    };
    this.panels = shape.panels.map((panel) => new Panel(panel, context));
    fill(document.getElementById("board-panels"), this.panels.map(({ element }) => element));
    if (shape.panels.some(({ chart }) => chart === "map")) chinaMap(this.files).catch(() => {});
  }

  begin() {
    this.poll = new Poll(this.address(), root.dataset.still === "1" ? 0 : this.shape.refresh, {
      answer: (data) => this.answer(data),
      same: (stamps) => this.same(stamps),
      trouble: (status) => this.trouble(status),
      version: (version) => this.version(version),
    });
    this.poll.ask();
    this.tick();
    if (root.dataset.still !== "1") setInterval(() => this.second(), 1000);
    let waiting = 0;
    addEventListener("resize", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.panels.forEach((panel) => panel.fit()), 150);
    });
    const themed = () => {
      setTheme(root.dataset.wall === "1");
      this.panels.forEach((panel) => panel.again());
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themed);
    onAirflowTheme(themed);
    leaveByTheServer();
  }

  address() {
    return `${this.shape.id}/data?${this.filters.query()}`;
  }

  async answer(data) {
    this.well();
    this.hour = data.mark ? clock(data.mark).slice(0, 2) : "";
    this.day = data.mark ? data.mark.slice(0, 10) : "";
    await Promise.all(this.panels.map((panel) => panel.update(data.panels[panel.shape.id] ?? { state: "failed" })));
    fill(document.getElementById("foot"), data.history ?? "");
    this.mark();
  }

  // Every panel stands or says why not: a program that takes a picture waits for this.
  mark() {
    if (this.panels.every((panel) => panel.drawn)) document.body.dataset.drawn = "1";
  }

  // Nothing to draw, but the data were looked at again: ``stamps``: panel → data as of, complete until.
  same(stamps) {
    this.well();
    this.panels.forEach((panel) => panel.age(Date.now(), stamps[panel.shape.id]));
  }

  well() {
    this.since = null;
    document.getElementById("notice").hidden = true;
    if (root.dataset.wall === "1" && clock(new Date().toISOString()).startsWith(RELOAD_HOUR) && Date.now() - this.born > 3_600_000) location.reload();
  }

  trouble(status) {
    this.since ??= new Date().toISOString();
    const notice = document.getElementById("notice");
    notice.hidden = false;
    if (status === 401) fill(notice, `⚠ ${word("expired")} · `, h("a", { href: location.href }, word("back")));
    else if (status === 403) fill(notice, `⚠ ${word("refused")}`);
    else fill(notice, `⚠ ${word("away")} ${stamp(this.since)} ${word("awayEnd")}${status ? ` (${status})` : ""}`);
    const state = status === 401 || status === 403 ? "forbidden" : "failed";
    // what a person may no longer see must not stand on the page either
    this.panels.filter((panel) => state === "forbidden" || !panel.told).forEach((panel) => {
      panel.update({ state, hash: state, words: "" });
    });
    this.mark();
  }

  // The server runs another version than this page: once, for a page that reloads for ever shows nothing.
  version(version) {
    if (!version || version === this.shape.version || root.dataset.still === "1") return;
    if (sessionStorage.getItem("jst-boards-version") === version) return;
    sessionStorage.setItem("jst-boards-version", version);
    location.reload();
  }

  // Alarms blink by one attribute: an animation for each keeps a core busy where a wall draws without a graphics card.
  second() {
    this.tick();
    root.toggleAttribute("data-beat");
    const now = Date.now();
    this.panels.forEach((panel) => panel.age(now));
  }

  drill(panel, row) {
    const query = this.filters.query();
    for (const cut of panel.by) query.set(cut, row[cut]);
    startTrail();
    drill(`${this.shape.id}/${panel.id}/drill`, query, labelOf(panel, row));
  }
}

queueMicrotask(start);
