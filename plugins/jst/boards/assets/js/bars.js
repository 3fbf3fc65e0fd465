import { PALETTE, categoryAxis, legend, limitLine, paint, tip, tooltip, unitOf, valueAxis } from "./echart.js";
import { drawCurves } from "./curves.js";
import { short, toNumber } from "./format.js";
import { alarm, labelOf, measures } from "./rows.js";
import { colour, size } from "./theme.js";

const TIMES = new Set(["hour", "day", "minute"]);

export function drawBars(holder, panel, rows, context) {
  return TIMES.has(panel.by[0]) ? drawCurves(holder, panel, rows, context) : drawRanking(holder, panel, rows, context);
}

// One group of bars per row, the first row at the top. Measures of another kind than the first are in the tooltip only.
function drawRanking(holder, panel, rows, context) {
  const columns = measures(panel);
  const drawn = columns.filter((column) => column.format === columns[0].format && !panel.look?.hide?.includes(column.name));
  const names = rows.map((row) => labelOf(panel, row));
  const thick = Math.max(size(0.4), Math.min(size(2.1), (holder.clientHeight * 0.6) / Math.max(1, rows.length) / drawn.length));
  const letters = Math.min(size(0.95), Math.max(size(0.68), (holder.clientHeight / Math.max(1, rows.length)) * 0.5));
  const series = drawn.map((column, number) => ({
    id: column.name, name: column.title, type: "bar", barMaxWidth: thick, barGap: "15%",
    itemStyle: { color: colour(panel.look?.tone?.[column.name] ?? PALETTE[number]), borderRadius: [0, 3, 3, 0] },
    label: {
      show: true, position: "right", color: colour("text"), backgroundColor: colour("panel"), padding: [1, 3], fontSize: Math.min(letters, Math.max(size(0.7), thick * 1.15)),
      formatter: ({ dataIndex }) => words(panel, rows[dataIndex], column),
    },
    data: rows.map((row) => bar(panel, row, column)),
  }));
  const limit = panel.thresholds?.[drawn[0]?.name];
  const line = limit && [limit.red_above, limit.amber_above, limit.red_below].find((each) => typeof each === "number");
  if (line && series[0]) series[0].markLine = limitLine(line, drawn[0].format, true);
  const render = ({ dataIndex }) => tip(names[dataIndex], columns.map((column) => ({
    name: column.title, value: rows[dataIndex][column.name], column, mark: alarmWords(alarm(panel, rows[dataIndex], column.name)),
  })));
  return paint(holder, {
    legend: legend(drawn.map((column) => column.title)),
    grid: { left: 2, right: size(5.2), top: drawn.length > 1 ? size(2) : size(line ? 1.3 : 0.3), bottom: 2, containLabel: true },
    tooltip: tooltip(render),
    xAxis: valueAxis(drawn[0] ?? {}, { axisLabel: { show: false }, splitLine: { show: false }, max: ({ max }) => Math.max(max, (line ?? 0) * 1.1) || 1 }),
    yAxis: categoryAxis(names, {
      inverse: true,
      axisLabel: { color: colour("text"), fontSize: letters, width: Math.min(size(11), holder.clientWidth * 0.34), overflow: "truncate", hideOverlap: false, interval: 0 },
    }),
    series,
  }, context.drill && (({ dataIndex }) => context.drill(rows[dataIndex])));
}

function bar(panel, row, column) {
  const found = alarm(panel, row, column.name);
  return { value: toNumber(row[column.name]), ...(found && { itemStyle: { color: colour(found.level === "red" ? "alarm" : "warn") } }) };
}

function words(panel, row, column) {
  const found = alarm(panel, row, column.name);
  return `${found ? "⚠ " : ""}${short(row[column.name], column.format)}${unitOf({ ...column, unit: column.format === "money" ? "" : column.unit })}`;
}

function alarmWords(found) {
  return found ? ` ⚠ ${found.word}` : "";
}
