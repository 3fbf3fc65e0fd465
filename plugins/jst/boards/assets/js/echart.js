import { fill, h } from "./dom.js";
import { inWords, short } from "./format.js";
import { colour, isStill, size } from "./theme.js";

let loaded = null;

// The library arrives after the page's own script, so that figures do not wait for it.
export function library() {
  loaded ??= new Promise((resolve, reject) => {
    if (window.echarts) return resolve(window.echarts);
    const script = document.getElementById("charts-library");
    script.addEventListener("load", () => resolve(window.echarts));
    script.addEventListener("error", () => reject(new Error("echarts.min.js")));
  });
  return loaded;
}

// Draws and resolves when the last pixel stands. Only what changes moves: at first people wait for figures.
export async function paint(holder, option, onClick) {
  const echarts = await library();
  const drawn = echarts.getInstanceByDom(holder);
  const chart = drawn ?? echarts.init(holder, null, { renderer: "canvas" });
  const finished = new Promise((resolve) => {
    const done = () => {
      chart.off("finished", done);
      resolve();
    };
    chart.on("finished", done);
  });
  chart.off("click");
  if (onClick) chart.on("click", onClick);
  // arrays are replaced, never pushed to: a wall stands for weeks
  chart.setOption({ ...base(), animation: Boolean(drawn) && !isStill(), ...option }, { replaceMerge: ["series", "xAxis", "yAxis", "visualMap"] });
  await finished;
}

export function resize(holder) {
  window.echarts?.getInstanceByDom(holder)?.resize();
}

export function forget(holder) {
  window.echarts?.getInstanceByDom(holder)?.dispose();
}

function base() {
  return {
    animationDurationUpdate: 800,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("text"), fontSize: size(0.75) },
    aria: { enabled: false }, // the panel names itself and has its table: ECharts' own sentence is in one language
  };
}

export function tooltip(render, trigger = "axis") {
  return {
    trigger,
    confine: true,
    className: "tip",
    backgroundColor: colour("panel"),
    borderColor: colour("line"),
    textStyle: { color: colour("text"), fontSize: size(0.8) },
    axisPointer: { type: trigger === "axis" ? "shadow" : "none", shadowStyle: { color: colour("hover") } },
    // an element, not HTML: names come from the source, and the page's rules allow no style attribute
    formatter: (given) => render(Array.isArray(given) ? given[0] : given),
  };
}

export function tip(title, lines) {
  const list = h("dl", { class: "tip-rows" });
  fill(list, lines.map(({ name, value, column, more, mark }) => [
    h("dt", {}, name),
    h("dd", {}, inWords(value, column), h("small", {}, unitOf(column), more ?? ""), mark ? h("b", { class: "sign" }, mark) : ""),
  ]).flat());
  return h("div", {}, h("strong", {}, title), list);
}

export function unitOf(column) {
  return column.unit && column.format !== "percent" ? ` ${column.unit}` : "";
}

export function valueAxis(column, more = {}) {
  return {
    type: "value",
    axisLabel: { color: colour("dim"), fontSize: size(0.75), formatter: (value) => short(value, column.format) },
    splitLine: { lineStyle: { color: colour("grid") } },
    splitNumber: 4,
    ...more,
  };
}

export function categoryAxis(data, more = {}) {
  return {
    type: "category",
    data,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colour("line") } },
    ...more,
    axisLabel: { color: colour("dim"), fontSize: size(0.75), hideOverlap: true, ...more.axisLabel },
  };
}

export function legend(names) {
  return {
    show: names.length > 1, top: 0, right: 0, itemWidth: size(1.1), itemHeight: size(0.6), itemGap: size(0.9),
    data: names, type: "scroll", icon: "roundRect", inactiveColor: colour("faint"),
    textStyle: { color: colour("text"), fontSize: size(0.78) },
  };
}

export function limitLine(limit, format, horizontalBars = false) {
  return {
    silent: true, symbol: "none", animation: false, z: 1,
    lineStyle: { color: colour("alarm"), type: "dashed", width: size(0.11) },
    label: {
      color: colour("alarm"), fontSize: size(0.78), fontWeight: 600, position: horizontalBars ? "start" : "insideEndBottom",
      formatter: () => short(limit, format),
    },
    data: [horizontalBars ? { xAxis: limit } : { yAxis: limit }],
  };
}

export const PALETTE = ["series-1", "series-2", "series-3", "series-4", "series-5", "series-6"];
