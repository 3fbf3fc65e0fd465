import { language, word } from "./words.js";

// From here on, divided by this, with this sign behind it.
const SCALES = {
  zh: [[1e8, 1e8, "亿"], [1e4, 1e4, "万"]],
  en: [[1e9, 1e9, "B"], [1e6, 1e6, "M"], [1e4, 1e3, "K"]],
};
export const UNKNOWN = "—";
const NUMBERS = new Set(["money", "quantity", "count", "number", "percent"]);

export function isNumber(format) {
  return NUMBERS.has(format);
}

// A number to draw with; digits that people read come from the text itself.
export function toNumber(value) {
  return value === null || value === undefined || value === "" ? null : Number(value);
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

// Every digit ClickHouse sent: a float would lose cents of large sums.
export function exact(value, format) {
  if (value === null || value === undefined || value === "") return UNKNOWN;
  if (format === "percent") return `${trimmed((Number(value) * 100).toFixed(2))}%`;
  if (!isNumber(format)) return label(value, format);
  const [, sign, whole, part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [null, "", String(value), ""];
  const kept = format === "money" ? part : (part.length > 2 ? Number(`0.${part}`).toFixed(2).slice(2) : part).replace(/0+$/, "");
  return sign + grouped(whole) + (kept ? `.${kept}` : "");
}

// A code in the viewer's words; everything else exactly.
export function inWords(value, { format, words }) {
  return words?.[value] ?? exact(value, format);
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

// What fits into a figure or an axis: 万 and 亿, or K, M and B.
export function short(value, format) {
  const number = toNumber(value);
  if (number === null) return UNKNOWN;
  if (format === "percent") return `${trimmed((number * 100).toFixed(Math.abs(number) < 0.1 ? 2 : 1))}%`;
  const scale = SCALES[language()].find(([from]) => Math.abs(number) >= from);
  if (!scale) return grouped(trimmed(number.toFixed(Math.abs(number) < 100 && format !== "count" ? 2 : 0)));
  const scaled = number / scale[1];
  return grouped(trimmed(scaled.toFixed(Math.abs(scaled) < 100 ? 2 : 1))) + scale[2];
}

export function label(value, format) {
  if (value === null || value === undefined || value === "") return UNKNOWN;
  const text = String(value);
  if (format === "hour") return /^\d+$/.test(text) ? `${text.padStart(2, "0")}:00` : text;
  return format === "minute" ? text.slice(-5) : text; // texts of the shop's own zone: parsing one would move it
}

// What an axis has room for: 11-29.
export function tick(value, format) {
  if (format === "day" && /^\d{4}-\d\d-\d\d$/.test(value)) return value.slice(5);
  if (format === "hour") return String(value).padStart(2, "0");
  return label(value, format);
}

const PARTS = new Intl.DateTimeFormat("en-GB", {
  // never the browser's own zone: a day's figures belong to the shop's day
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  second: "2-digit", hourCycle: "h23",
});

function parts(iso) {
  return Object.fromEntries(PARTS.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
}

export function clock(iso) {
  const { hour, minute, second } = parts(iso);
  return `${hour}:${minute}:${second}`;
}

export function dayOf(iso) {
  const { year, month, day } = parts(iso);
  return `${year}-${month}-${day}`;
}

// A moment as short as it can be: without the day when it is today.
export function stamp(iso, now = new Date()) {
  const day = dayOf(iso);
  return day === dayOf(now) ? clock(iso) : `${day.slice(5)} ${clock(iso).slice(0, 5)}`;
}

export function age(seconds) {
  if (seconds < 120) return `${Math.max(0, Math.floor(seconds))} ${word("seconds")}`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} ${word("minutes")}`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} ${word("hours")}`;
  return `${Math.floor(seconds / 86400)} ${word("days")}`;
}

// Red is up here, as on every price board of the country.
export function change(value) {
  const number = toNumber(value);
  if (number === null) return { text: UNKNOWN, way: "" };
  const digits = `${trimmed((Math.abs(number) * 100).toFixed(1))}%`;
  if (digits === "0%") return { text: "0%", way: "" };
  return number > 0 ? { text: `▲ ${digits}`, way: "up" } : { text: `▼ ${digits}`, way: "down" };
}
