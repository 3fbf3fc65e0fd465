import { PALETTE, categoryAxis, legend, limitLine, paint, tip, tooltip, valueAxis } from "./echart.js";
import { label, short, tick, toNumber } from "./format.js";
import { alarm, labelOf, measures } from "./rows.js";
import { colour, size } from "./theme.js";
import { word } from "./words.js";

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const PAST_TONES = [["_same_day_last_week", "past-2"], ["_last_week", "past-2"], ["_yesterday", "past-1"], ["_day_before", "past-1"]];

// What happens along hours, days or minutes: a curve per measure, or per value of the second cut.
export function curvesOf(panel, rows) {
  const [axis, split] = panel.by;
  const xs = axis === "hour" ? HOURS : [...new Set(rows.map((row) => row[axis]))].sort();
  const at = new Map(xs.map((x, index) => [x, index]));
  const bands = panel.look?.bands ?? {};
  const edges = new Set(Object.values(bands).flat());
  const columns = measures(panel).filter(({ name }) => !edges.has(name));
  const curves = split ? splitCurves(panel, rows, columns[0], split) : columns.map((column) => ({ id: column.name, name: column.title, column, rows }));
  for (const curve of curves) {
    curve.values = along(xs, at, curve.rows, axis, curve.column.name);
    curve.band = bands[curve.column.name]?.map((edge) => along(xs, at, curve.rows, axis, edge));
  }
  return { xs, curves: curves.filter(({ values }) => values.some((value) => value !== null)) };
}

function along(xs, at, rows, axis, name) {
  const values = xs.map(() => null);
  for (const row of rows) values[at.get(row[axis])] = row[name] ?? null;
  return values;
}

function splitCurves(panel, rows, column, split) {
  const byValue = new Map();
  for (const row of rows) {
    const key = String(row[split]);
    if (!byValue.has(key)) byValue.set(key, { id: key, name: labelOf(panel, row, split), column, rows: [] });
    byValue.get(key).rows.push(row);
  }
  return [...byValue.values()];
}

function tone(curve, number, panel) {
  const own = panel.look?.tone?.[curve.id];
  if (own) return colour(own);
  const past = PAST_TONES.find(([ending]) => curve.column.name.endsWith(ending));
  return colour(past ? past[1] : PALETTE[number % PALETTE.length]);
}

export function drawCurves(holder, panel, rows, context) {
  const { xs, curves } = curvesOf(panel, rows);
  const format = panel.columns.find((column) => column.name === panel.by[0])?.format ?? panel.by[0];
  const asLines = new Set(panel.chart === "line" ? curves.map((curve) => curve.id) : panel.look?.lines ?? []);
  const onSecond = (curve) => asLines.size < curves.length && asLines.has(curve.id)
    || (curve.column.format === "percent") !== (curves[0].column.format === "percent");
  const second = curves.find(onSecond);
  for (const curve of curves) if (onSecond(curve)) curve.name += word("rightAxis");
  const now = { hour: context.filters.day ? "" : context.hour, day: context.day }[panel.by[0]];
  const running = now ? xs.indexOf(now) : -1;
  const isAlone = !curves.some(({ band }) => band);
  let fresh = 0;
  const series = curves.flatMap((curve) => {
    const past = PAST_TONES.some(([ending]) => curve.column.name.endsWith(ending));
    // an hour that has not come yet is unknown, not without sales
    if (running >= 0 && !past && !curve.band) curve.values.fill(null, running + 1);
    const isFirst = !past && fresh === 0; // a second label would stand upon the first
    const told = { curve, colour: tone(curve, past ? 0 : fresh++, panel), past, running, onSecond: onSecond(curve), isAlone, isFirst };
    return asLines.has(curve.id) ? lineSeries(told) : [barSeries(told, panel)];
  });
  const limited = curves.find((curve) => typeof limitOf(panel, curve) === "number");
  if (limited) series.find((each) => each.id === limited.id).markLine = limitLine(limitOf(panel, limited), limited.column.format);
  const render = ({ dataIndex }) =>
    tip(label(xs[dataIndex], format) + (dataIndex === running ? ` · ${word("running")}` : ""), curves.map((curve) => ({
      name: curve.name, value: curve.values[dataIndex], column: curve.column, more: between(curve, dataIndex), mark: sign(panel, curve, dataIndex),
    })));
  return paint(holder, {
    legend: legend(curves.map((curve) => curve.name)),
    grid: { left: 4, right: size(1.3), top: curves.length > 1 ? size(2.1) : size(0.8), bottom: 2, containLabel: true },
    tooltip: tooltip(render),
    xAxis: categoryAxis(xs.map((x) => tick(x, format)), { boundaryGap: asLines.size < curves.length }),
    yAxis: [valueAxis(curves[0]?.column ?? {}, reaching(limited && limitOf(panel, limited))), ...(second ? [valueAxis(second.column, { splitLine: { show: false } })] : [])],
    series,
  }, context.drill && (({ dataIndex }) => {
    const row = rows.find((each) => each[panel.by[0]] === xs[dataIndex]);
    if (row) context.drill(row);
  }));
}

// An axis that ends below its limit would hide how far away it is.
function reaching(limit) {
  return limit ? { max: ({ max }) => (max < limit ? limit * 1.1 : null) } : {};
}

function limitOf(panel, curve) {
  const rule = panel.thresholds?.[curve.column.name];
  return rule && [rule.red_above, rule.red_below, rule.amber_above, rule.amber_below].find((limit) => typeof limit === "number");
}

function between({ band, column }, index) {
  return band && band[0][index] !== null ? ` ${band.map((edge) => short(edge[index], column.format)).join("–")}` : "";
}

function sign(panel, curve, index) {
  const found = alarm(panel, { [curve.column.name]: curve.values[index] }, curve.column.name);
  return found ? ` ⚠ ${found.word}` : "";
}

function barSeries({ curve, colour: fill, running, onSecond }, panel) {
  return {
    id: curve.id, name: curve.name, type: "bar", stack: panel.look?.stack ? "all" : undefined, yAxisIndex: onSecond ? 1 : 0,
    barMaxWidth: size(1.6), barGap: "12%", barCategoryGap: "28%", itemStyle: { color: fill, borderRadius: panel.look?.stack ? 0 : [3, 3, 0, 0] },
    data: curve.values.map((value, index) => ({
      value: toNumber(value),
      itemStyle: barStyle(index === running && !onSecond, sign(panel, curve, index), fill),
    })),
  };
}

function barStyle(isRunning, alarmed, fill) {
  const ink = alarmed ? colour("alarm") : fill;
  // an hour or a day that is still running is hollow: half of it looks like a crash otherwise
  return isRunning ? { color: "transparent", borderColor: ink, borderType: "dashed", borderWidth: 2 } : { color: ink };
}

function lineSeries(told) {
  const { curve, past, running, isFirst } = told;
  const numbers = curve.values.map(toNumber);
  if (curve.band) return [aheadLook(told, numbers), ...bandSeries(told)];
  const cut = running >= 0 && !past && numbers[running] !== null;
  const whole = cut ? numbers.map((value, index) => (index < running ? value : null)) : numbers;
  const main = lineLook(told, whole);
  if (!cut) return [main];
  const tail = numbers.map((value, index) => (index === running || index === running - 1 ? value : null));
  return [main, {
    ...main, id: `${curve.id}·running`, data: tail, areaStyle: undefined, markLine: undefined, showSymbol: true, showAllSymbol: true, symbol: "emptyCircle",
    symbolSize: (value, { dataIndex }) => (dataIndex === running ? size(0.7) : 0), lineStyle: { ...main.lineStyle, type: [4, 4], opacity: 0.7 },
    label: {
      show: isFirst, ...(running > numbers.length * 0.85 ? { position: "left", offset: [0, -size(0.8)] } : { position: "right" }),
      distance: size(0.5), color: colour("dim"), backgroundColor: colour("panel"), padding: [1, 3], fontSize: size(0.78),
      formatter: ({ dataIndex }) => (dataIndex === running ? `${word("running")} ${short(curve.values[running], curve.column.format)}` : ""),
    },
    z: 4,
  }];
}

// What is expected: dotted, so that no eye takes it for what happened.
function aheadLook(told, data) {
  const look = lineLook(told, data);
  return { ...look, areaStyle: undefined, lineStyle: { ...look.lineStyle, width: size(0.15), type: [2, 4], cap: "round" }, z: 2 };
}

// Between which two values it will lie: nothing to point at, and gone with its curve when the legend says so.
function bandSeries({ curve, colour: ink, onSecond }) {
  const [low, high] = curve.band.map((edge) => edge.map(toNumber));
  const edge = (end, data, areaStyle) => ({
    id: `${curve.id}·${end}`, name: curve.name, type: "line", stack: `${curve.id}·band`, stackStrategy: "all", yAxisIndex: onSecond ? 1 : 0, data,
    smooth: 0.25, smoothMonotone: "x", symbol: "none", silent: true, itemStyle: { color: ink }, lineStyle: { width: 0 }, areaStyle, z: 1,
  });
  const wide = high.map((value, index) => (value === null || low[index] === null ? null : value - low[index]));
  return [edge("low", low), edge("high", wide, { color: ink, opacity: 0.16 })];
}

function lineLook({ curve, colour: ink, past, onSecond, isAlone }, data) {
  const lonely = data.filter((value) => value !== null).length < 2;
  return {
    id: curve.id, name: curve.name, type: "line", yAxisIndex: onSecond ? 1 : 0, data, smooth: 0.25, smoothMonotone: "x",
    showSymbol: lonely, symbol: "circle", symbolSize: size(lonely ? 0.6 : 0.35), itemStyle: { color: ink },
    lineStyle: { color: ink, width: size(past ? 0.12 : 0.2), type: curve.column.name.endsWith("last_week") ? [6, 5] : "solid" },
    areaStyle: past || onSecond || !isAlone ? undefined : { color: ink, opacity: 0.12 }, z: past ? 2 : 3, connectNulls: false,
  };
}
