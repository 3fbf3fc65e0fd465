import { fill, h } from "./dom.js";
import { clock, dayOf } from "./format.js";
import { switchTheme, root } from "./theme.js";
import { language, word } from "./words.js";

// Title, the other boards, filters and the switches; on a wall a title and a clock.
export function drawHead(shape, filters, repaint) {
  const now = h("time", { class: "clock" });
  const boards = h("nav", { class: "boards", "aria-label": word("boards") }, shape.boards.map((board) => h("a", {
    href: board.id + keep(filters), "aria-current": board.id === shape.id ? "page" : null,
  }, board.title)));
  const theme = h("button", { type: "button", onclick: () => { switchTheme(); named(); repaint(); } });
  const named = () => { theme.textContent = root.dataset.theme === "dark" ? `☀ ${word("light")}` : `☾ ${word("dark")}`; };
  named();
  const tools = h("div", { class: "switches" },
    theme,
    h("a", { href: filters.address({ lang: language() === "en" ? "zh" : "en" }), hreflang: language() === "en" ? "zh-CN" : "en" }, language() === "en" ? "中文" : "English"),
    h("button", { type: "button", onclick: () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen() }, word("full")),
    h("span", { class: "viewer" }, shape.viewer));
  fill(document.getElementById("head"), h("div", { class: "title" }, h("h1", {}, shape.title, h("small", {}, root.dataset.wall === "1" ? filters.words() : "")), now), boards, h("div", { class: "bar-tools" }, filters.element, tools));
  return () => {
    const moment = new Date().toISOString();
    now.textContent = `${dayOf(moment)} ${clock(moment)}`;
    now.dateTime = moment;
  };
}

function keep(filters) {
  const query = filters.query();
  query.delete("day");
  return query.toString() ? `?${query}` : "";
}
