// Keeps the page fresh without flicker: what did not change stays the same element, selection and all.
"use strict";

const EVERY = 3000;
const content = document.getElementById("content");
const age = document.getElementById("age");
const words = Object.fromEntries(
  [...document.querySelectorAll("#words [data-word]")].map((each) => [each.dataset.word, each.textContent]),
);
let fresh = Date.now();

function morph(old, next) {
  if (old.nodeName !== next.nodeName) {
    old.replaceWith(document.importNode(next, true));
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
  } else {
    attributes(old, next);
    children(old, next);
  }
}

function attributes(old, next) {
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  // "open" is the reader's: what was folded out stays so
  for (const { name } of [...old.attributes]) if (name !== "open" && !next.hasAttribute(name)) old.removeAttribute(name);
}

// A child with a key is found again wherever it stands, the others by their order; what stays is not moved.
function children(old, next) {
  const known = new Map();
  const plain = [];
  for (const node of kids(old)) key(node) ? known.set(key(node), node) : plain.push(node);
  const pairs = kids(next).map((node) => [node, key(node) ? taken(known, key(node)) : plain.shift()]);
  [...known.values(), ...plain].forEach((node) => node.remove());
  let place = old.firstChild;
  for (const [node, same] of pairs) {
    while (place && blank(place)) place = place.nextSibling;
    if (!same) old.insertBefore(document.importNode(node, true), place);
    else if (same === place) place = place.nextSibling;
    else old.insertBefore(same, place);
    if (same) morph(same, node);
  }
}

function key(node) {
  return node.dataset ? node.dataset.part || node.dataset.key || node.dataset.module || "" : "";
}

function kids(node) {
  return [...node.childNodes].filter((child) => !blank(child));
}

function blank(node) {
  return node.nodeType === Node.TEXT_NODE && !node.data.trim();
}

function taken(map, name) {
  const found = map.get(name);
  map.delete(name);
  return found;
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(`ledger/now${location.search}`, { credentials: "same-origin", signal: AbortSignal.timeout(15000) });
    if (answer.status === 401 || answer.status === 403) return away(words.expired, words.again);
    if (!answer.ok) return away(words.failed.replace("{}", answer.status), words.log);
    show(new DOMParser().parseFromString(await answer.text(), "text/html").body);
  } catch {
    away(words.silent, words.network);
  }
}

function show(body) {
  const whole = body.querySelector("[data-now]") !== null;
  document.body.classList.toggle("stale", !whole);
  if (whole) {
    fresh = Date.now();
    children(content, body);
  } else {
    headline(body.querySelector("[data-part=headline]"));
  }
  tell();
}

function away(what, todo) {
  const section = document.createElement("section");
  section.className = "headline bad";
  section.dataset.part = "headline";
  section.append(Object.assign(document.createElement("h2"), { textContent: what }));
  section.append(Object.assign(document.createElement("p"), { className: "do", textContent: words.do.replace("{}", todo) }));
  document.body.classList.add("stale");
  headline(section);
  tell();
}

function headline(section) {
  const old = content.querySelector("[data-part=headline]");
  if (old) morph(old, section);
  else content.prepend(section);
}

function tell() {
  const seconds = Math.round((Date.now() - fresh) / 1000);
  const stale = document.body.classList.contains("stale");
  age.textContent = (stale ? words.stale : seconds < 5 ? words.now : words.ago).replace("{}", seconds);
}

document.addEventListener("visibilitychange", refresh);
if (!content.querySelector("[data-now]")) document.body.classList.add("stale");
setInterval(tell, 1000);
(async function forever() {
  for (;;) {
    await new Promise((next) => setTimeout(next, EVERY));
    await refresh();
  }
})();
