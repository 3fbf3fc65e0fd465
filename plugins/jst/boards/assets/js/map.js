import { library, paint, tip, tooltip } from "./echart.js";
import { fill, h } from "./dom.js";
import { short, toNumber } from "./format.js";
import { mapName, shownName } from "./provinces.js";
import { labelOf, measures } from "./rows.js";
import { colour, size } from "./theme.js";
import { language, word } from "./words.js";

let known = null;

// ECharts adds 南海诸岛 and 钓鱼岛 only to a map registered as exactly `china` with a region named 台湾.
export function chinaMap(files) {
  known ??= Promise.all([library(), fetch(`${files}/china.json`).then((answer) => answer.json())]).then(([echarts, shape]) => {
    echarts.registerMap("china", shape);
    return new Map(shape.features.map(({ properties }) => [properties.name, properties.cp]));
  });
  return known;
}

// Heat by province; warehouses of one province are one colour, their figures stand in the tooltip.
export async function drawMap(holder, panel, rows, context) {
  const centres = await chinaMap(context.files);
  const [column] = measures(panel);
  const provinces = new Map();
  const lost = new Set();
  for (const row of rows) {
    const name = mapName(row.province);
    if (!centres.has(name)) lost.add(String(row.province || labelOf(panel, row)));
    else provinces.set(name, [...(provinces.get(name) ?? []), row]);
  }
  const data = [...provinces].map(([name, inside]) => ({ name, value: inside.reduce((sum, row) => sum + (toNumber(row[column.name]) ?? 0), 0) }));
  const most = Math.max(1, ...data.map(({ value }) => value));
  note(context.note, lost, context.map);
  if (!provinces.size) return fill(holder, h("p", { class: "state" }, panel.empty));
  const render = ({ name }) => tip(shownName(name, language()), (provinces.get(name) ?? []).map((row) => ({
    name: labelOf(panel, row), value: row[column.name], column,
  })));
  await paint(holder, {
    tooltip: tooltip(render, "item"),
    visualMap: {
      type: "continuous", min: 0, max: most, seriesIndex: 0, left: 0, bottom: 0, itemWidth: size(0.6), itemHeight: size(5.5), calculable: false,
      text: [short(most, column.format), "0"], textStyle: { color: colour("dim"), fontSize: size(0.72) }, inRange: { color: [colour("heat-1"), colour("heat-2"), colour("heat-3")] },
    },
    geo: geo(holder),
    series: [heat(data, most, column), pulse(data, centres, most, holder.clientWidth < size(30))],
  }, context.drill && (({ name }) => provinces.get(name)?.[0] && context.drill(provinces.get(name)[0])));
}

function geo(holder) {
  return {
    map: "china", layoutCenter: ["50%", "51%"], layoutSize: Math.min(holder.clientWidth * 0.98, holder.clientHeight * 1.25),
    boundingCoords: [[73.2, 53.8], [135.2, 16.5]], roam: false, silent: false,
    itemStyle: { areaColor: colour("land"), borderColor: colour("border"), borderWidth: 1 },
    emphasis: { label: { show: false }, itemStyle: { areaColor: colour("hover-land") } },
    select: { disabled: true },
  };
}

function heat(data, most, column) {
  return {
    id: "heat", type: "map", geoIndex: 0, map: "china",
    data: data.map(({ name, value }) => ({ name, value })),
    label: { show: false },
    emphasis: { label: { show: false } },
    tooltip: {},
    silent: false,
    dimensions: [column.title],
  };
}

// A ring where there is stock, with its name and figure beside it; a phone has room for the name.
function pulse(data, centres, most, narrow) {
  return {
    id: "pulse", type: "scatter", coordinateSystem: "geo", geoIndex: 0, z: 5,
    itemStyle: { color: colour("pulse"), borderColor: colour("panel"), borderWidth: 1, shadowColor: colour("pulse"), shadowBlur: size(0.8) },
    data: data.map(({ name, value }) => ({ name, value: [...centres.get(name), value] })),
    symbolSize: ([, , value]) => size(0.45 + 0.5 * Math.sqrt(value / most)),
    labelLayout: { hideOverlap: false, moveOverlap: "shiftY" },
    label: {
      show: true, position: "right", distance: size(0.4), color: colour("text"), textBorderColor: colour("panel"), textBorderWidth: 3, fontSize: size(narrow ? 0.66 : 0.8), fontWeight: 600,
      formatter: ({ name, value }) => shownName(name, language()) + (narrow ? "" : ` ${short(value[2], "quantity")}`),
    },
  };
}

function note(place, lost, map) {
  fill(place,
    lost.size ? h("span", { class: "amber" }, `⚠ ${word("unknownPlaces")}：${[...lost].join("、")}`) : "",
    h("span", {}, map.source), map.approval ? h("span", {}, `${word("approval")} ${map.approval}`) : "");
}
