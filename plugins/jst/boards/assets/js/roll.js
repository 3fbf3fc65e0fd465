import { isStill, root } from "./theme.js";

const EVERY_SECONDS = 6;

// A wall cannot be scrolled to the rest of a row that is cut in two.
export function snap(element, items) {
  if (root.dataset.wall !== "1") return;
  element.style.maxHeight = "";
  const top = element.getBoundingClientRect().top;
  const bottoms = [...items].map((item) => item.getBoundingClientRect().bottom - top + element.scrollTop);
  const fitting = bottoms.filter((bottom) => bottom <= element.clientHeight + 1);
  if (fitting.length && fitting.length < bottoms.length) element.style.maxHeight = `${Math.ceil(fitting.at(-1))}px`;
}

// What does not fit rolls by pages on a wall; elsewhere people scroll. Returns a function that ends it.
export function roll(element) {
  if (isStill() || root.dataset.wall !== "1") return () => {};
  const turn = setInterval(() => {
    if (document.hidden || element.matches(":hover, :focus-within")) return;
    const end = element.scrollHeight - element.clientHeight;
    if (end < 4) return;
    const next = element.scrollTop >= end - 4 ? 0 : Math.min(end, element.scrollTop + element.clientHeight * 0.9);
    element.scrollTo({ top: next, behavior: "smooth" });
  }, EVERY_SECONDS * 1000);
  return () => clearInterval(turn);
}
