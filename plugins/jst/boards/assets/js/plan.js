import { fill, h } from "./dom.js";
import { exact } from "./format.js";
import { box, frame, openTable } from "./overlay.js";
import { toRows } from "./rows.js";
import { root } from "./theme.js";
import { language, word } from "./words.js";

const LOOK_MS = 2000;

// The button of a panel that makes a replenishment plan: nothing on a wall, a sentence for those who may not.
export function planButtons(board, { may, words } = {}) {
  if (root.dataset.wall === "1") return "";
  if (!may) return words ? h("span", { class: "may-not" }, words) : "";
  return h("span", { class: "actions" },
    h("button", { type: "button", class: "action", onclick: () => openForm(board) }, word("makePlan")),
    h("button", { type: "button", class: "second", onclick: () => openPlans(board) }, word("plans")));
}

function address(board, rest) {
  return `${board}/${rest}?lang=${language()}`;
}

// An answer's JSON and status; nothing is thrown: what a person has typed must not be lost with the dialog.
async function ask(where, how = {}) {
  try {
    const answer = await fetch(where, { ...how, headers: { Accept: "application/json", ...how.headers } });
    return { status: answer.status, told: await answer.json() };
  } catch {
    return { status: 0, told: {} };
  }
}

function trouble({ status, told }) {
  return `⚠ ${told.detail ?? `${word("notSent")}${status ? ` (${status})` : ""}`}`;
}

async function openForm(board) {
  box(word("makePlan"), h("p", { class: "state" }, word("loading")));
  const answer = await ask(address(board, "plan/form"));
  if (answer.status !== 200) return frame(word("makePlan"), h("p", { class: "state failed" }, trouble(answer)));
  const fields = answer.told.fields.map((field) => new Field(field));
  const said = h("p", { class: "wrong", role: "alert" });
  const send = h("button", { type: "submit", class: "action" }, word("makePlan"));
  const form = h("form", { class: "plan", novalidate: true }, fields.map(({ element }) => element),
    h("footer", {}, send, h("button", { type: "button", class: "second", onclick: () => openPlans(board) }, word("plans")), said));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fill(said);
    const wrong = fields.filter((field) => !field.check());
    if (wrong.length) return wrong[0].input.focus();
    send.disabled = true;
    const sent = await ask(address(board, "plan"), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value()]))),
    });
    send.disabled = false;
    if (sent.status === 202) return follow(board, sent.told.plan);
    const blamed = fields.find(({ name }) => name === sent.told.field);
    if (blamed) blamed.blame(sent.told.detail);
    else fill(said, trouble(sent));
    return (blamed ?? fields[0]).input.focus();
  });
  frame(word("makePlan"), form);
  return fields[0]?.input.focus();
}

// One entry of the form: its name, its help, and the sentence that says what is wrong with it.
class Field {
  constructor(field) {
    Object.assign(this, field);
    const id = `plan-${field.name}`;
    const several = field.kind === "choices";
    this.input = several ? this.boxes(id) : this.line();
    for (const [name, value] of [["id", id], ["name", field.name], ["aria-describedby", `${id}-help ${id}-wrong`]]) this.input.setAttribute(name, value);
    this.wrong = h("span", { class: "wrong", id: `${id}-wrong` });
    this.input.addEventListener("input", () => this.blame(""));
    this.element = h("div", { class: "field" },
      h(several ? "span" : "label", { for: several ? null : id, class: "name", id: `${id}-name` }, field.title, field.optional ? h("small", {}, ` ${word("optional")}`) : ""),
      h("span", { class: "entry" }, this.input, field.unit ? h("small", {}, field.unit) : ""), this.wrong,
      h("span", { class: "help", id: `${id}-help` }, field.help));
  }

  line() {
    const { kind, least, most, step, default: usual, optional } = this;
    const number = kind === "number";
    return h("input", { type: number ? "number" : "text", min: least, max: most, step: number ? step ?? "any" : null, value: usual ?? "", required: !optional, autocomplete: "off" });
  }

  // None chosen is all.
  boxes(id) {
    const usual = new Set((this.default ?? []).map(String));
    return h("div", { class: "choices", role: "group", tabindex: "-1", "aria-labelledby": `${id}-name` },
      this.choices.map(({ value, name }) => h("label", {}, h("input", { type: "checkbox", value, checked: usual.has(String(value)) }), name)));
  }

  // Null where nothing is said.
  value() {
    if (this.kind === "choices") {
      const chosen = new Set([...this.input.querySelectorAll(":checked")].map((box) => box.value));
      return this.choices.map(({ value }) => value).filter((value) => chosen.has(String(value)));
    }
    const text = this.input.value.trim();
    return text === "" ? null : this.kind === "number" ? Number(text) : text;
  }

  check() {
    if (this.kind === "choices") return true;
    const { valueMissing, rangeUnderflow, rangeOverflow, stepMismatch, badInput } = this.input.validity;
    const range = this.least !== undefined && this.most !== undefined ? `${this.least}–${this.most} ${this.unit ?? ""}` : "";
    if (valueMissing || badInput) this.blame(`${word("fillIn")} ${range}`);
    else if (rangeUnderflow || rangeOverflow) this.blame(`${word("within")} ${range || this.least || this.most}`);
    else if (stepMismatch) this.blame(Number(this.step) === 1 ? word("integer") : `${word("steps")} ${this.step}`);
    else return true;
    return false;
  }

  blame(sentence) {
    this.wrong.textContent = sentence ? `⚠ ${sentence}` : "";
    sentence ? this.input.setAttribute("aria-invalid", "true") : this.input.removeAttribute("aria-invalid");
  }
}

// How far a plan has come, until it is done or the dialog is closed; it goes on without being looked at.
async function follow(board, plan) {
  const bar = h("progress", { max: 1, "aria-label": word("makePlan") });
  const said = h("p", { role: "status" }, word("waiting"));
  const holder = h("div", { class: "progress" }, bar, said);
  frame(word("makePlan"), holder);
  while (holder.isConnected && holder.closest("dialog").open) {
    const answer = await ask(address(board, `plan/${plan}`));
    const { state, words, share } = answer.told;
    if (answer.status === 200 && state === "done") return fill(holder, outcome(board, plan, answer.told));
    if (answer.status === 200 && state === "failed") return fill(holder, h("p", { class: "state failed", role: "alert" }, `⚠ ${words}`), again(board));
    const text = answer.status === 200 ? words || word("waiting") : trouble(answer);
    if (said.textContent !== text) said.textContent = text; // a screen reader says again what is written again
    if (share === null || share === undefined) bar.removeAttribute("value");
    else bar.value = share;
    await new Promise((later) => setTimeout(later, LOOK_MS));
  }
  return null;
}

function outcome(board, plan, { words, amount, file }) {
  return [
    h("p", { class: "done", role: "status" }, `✓ ${words || word("planDone")}`),
    amount === null ? "" : h("dl", { class: "sums" }, h("dt", {}, word("amount")), h("dd", {}, exact(amount, "money"))),
    file ? h("a", { class: "action", href: `${board}/plan/${plan}.xlsx?lang=${language()}`, download: "" }, word("download")) : "",
    again(board),
  ];
}

function again(board) {
  return h("p", {}, h("button", { type: "button", class: "second", onclick: () => openPlans(board) }, word("plans")));
}

// All plans that were made, and what came of them.
async function openPlans(board) {
  box(word("plans"), h("p", { class: "state" }, word("loading")));
  const answer = await ask(address(board, "plans"));
  if (answer.status !== 200) return frame(word("plans"), h("p", { class: "state failed" }, trouble(answer)));
  const { title, columns, words } = answer.told;
  const rows = toRows(answer.told.rows).map((row) => ({ ...row, file: row.file ? `${board}/plan/${row.plan}.xlsx?lang=${language()}` : null }));
  if (!rows.length) return frame(title ?? word("plans"), h("p", { class: "state" }, words || word("noPlans")));
  return openTable(title ?? word("plans"), {
    title: title ?? word("plans"), by: ["plan"], look: {},
    columns: columns.map((column) => (column.name === "file" ? { ...column, format: "file" } : column)),
  }, rows, {});
}
