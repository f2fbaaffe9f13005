// What people decide: answers, approvals, waivers, skips and notes, with their name and the token that gives the right to.
import { byId, h, language, t } from "./words.js";

let token = null, can = false;
export function rights(given, right) { token = given; can = right === "write"; }
export const mayDecide = () => can;

const remembered = () => { try { return localStorage.getItem("jalon-name") ?? ""; } catch { return ""; } };
export async function send(wish, said) {
  try {
    const answer = await fetch(`/api/decide?lang=${language()}`, {
      method: "POST", headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(wish),
    });
    const told = await answer.json().catch(() => ({}));
    said.textContent = told.done ?? told.error ?? t("failed_to", { e: answer.status });
    return answer.ok;
  } catch (error) {
    said.textContent = t("failed_to", { e: error.message });
    return false;
  }
}
const field = (name, label, attributes = {}) => h("label", {}, label, h(attributes.rows ? "textarea" : "input", { name, ...attributes }));
const nameField = () => field("by", t("name"), { required: true, maxlength: 120, autocomplete: "name", value: remembered() });

// A form whose buttons each send `wish` with what they mean.
function form(fields, buttons, wish, done) {
  const said = byId("decided");
  const own = h("form", {}, fields, h("div", { cls: "row" }, buttons.map(([label, cls, value]) => h("button", { type: "submit", cls, value: String(value) }, label))));
  own.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(own));
    try { localStorage.setItem("jalon-name", values.by); } catch { /* it is typed again the next time */ }
    const all = [...own.querySelectorAll("button")];
    all.forEach((button) => { button.disabled = true; });
    const ok = await send(wish(values, event.submitter?.value), said);
    all.forEach((button) => { button.disabled = false; });
    if (ok) done?.(own);
  });
  return own;
}
const yesNo = () => [[t("yes"), "yes", "yes"], [t("no"), "", "no"]];
const ask = (title, question, below) => h("div", { cls: "ask" }, title ? h("div", { cls: "quiet" }, title) : null, h("p", { cls: "q" }, question), below);

// What waits for a person; it is drawn again only when that changes, so that nobody's typing is lost.
let shown = "";
export function asks(run, steps) {
  const open = [];
  for (const q of run?.questions ?? []) open.push({ key: `desk ${q.id}`, title: t("asked"), question: q.question, wish: (v, yes) => ({ what: "answer", id: q.id, yes: yes === "yes", by: v.by, comment: v.comment }) });
  for (const step of steps.values()) {
    const n = step.step, approves = { what: "approve", run: run?.run, step: n };
    if (run?.live) {
      const waits = step.state === "awaiting-approval" || step.questions.length;
      if (waits && !run.here) open.push({ key: `live ${n}`, title: t("elsewhere"), question: step.approve?.[1] ?? step.questions[0]?.[1] ?? "" });
      continue;
    }
    if (step.state === "awaiting-approval" && step.approve && step.answered) open.push({ key: `answered ${n}`, title: t("approve", { n, role: step.approve[0] }), question: step.approve[1], told: t("answered", { by: step.answered[0], a: t(step.answered[1] ? "yes" : "no"), run: run.run }) });
    else if (step.state === "awaiting-approval" && step.approve) open.push({ key: `approve ${n}`, title: t("approve", { n, role: step.approve[0] }), question: step.approve[1], wish: (v, yes) => ({ ...approves, action: null, yes: yes === "yes", by: v.by, comment: v.comment }) });
    for (const [action, question] of step.questions) open.push({ key: `ask ${n} ${action}`, title: t("answer", { n, a: action }), question, wish: (v, yes) => ({ ...approves, action, yes: yes === "yes", by: v.by, comment: v.comment }) });
    if (["failed", "inconclusive", "error"].includes(step.state)) open.push({ key: `waive ${n} ${step.attempt}`, question: t("waive_q", { n, s: step.state_words }), waive: n });
  }
  const key = `${language()} ${can} ${open.map((o) => o.key).join("|")}`;
  if (key === shown) return;
  shown = key;
  const drawn = open.map((o) => {
    if (o.told) return ask(o.title, o.question, h("p", {}, o.told));
    if (!can || (!o.wish && !o.waive)) return ask(o.title, o.question, !can ? h("p", { cls: "quiet" }, t("read_only")) : null);
    if (o.waive === undefined) return ask(o.title, o.question, form([nameField(), field("comment", t("comment"), { maxlength: 4000 })], yesNo(), o.wish));
    const below = form([nameField(), field("reason", t("reason"), { required: true, rows: 2, maxlength: 4000 }), field("until", t("until"), { type: "date" })], [[t("waive"), "", ""]],
      (v) => ({ what: "waive", run: run.run, step: o.waive, by: v.by, reason: v.reason, until: v.until || null }));
    return ask("", o.question, h("details", {}, h("summary", {}, t("waive")), below));
  });
  byId("asks").replaceChildren(...(drawn.length ? drawn : [h("p", { cls: "quiet" }, t("nothing"))]));
  byId("waiting").classList.toggle("open", open.length > 0);
}

// A step that has not begun may be left out once the run has stopped.
export function skip(run, step) {
  if (!can || !run || run.live || !["ready", "locked", "interrupted"].includes(step?.state)) return null;
  return h("details", { "data-key": `skip ${step.step}` }, h("summary", {}, t("skip_step")),
    form([nameField(), field("reason", t("reason"), { required: true, rows: 2, maxlength: 4000 })], [[t("skip_step"), "", ""]],
      (v) => ({ what: "skip", run: run.run, step: step.step, by: v.by, reason: v.reason })));
}

export function noteForm(about, done) {
  byId("note_more").hidden = !can;
  const kinds = t("kinds");
  const own = form([
    h("label", {}, t("kind"), h("select", { name: "kind" }, Object.entries(kinds).map(([value, label]) => h("option", { value }, label)))),
    field("text", t("text"), { required: true, rows: 3, maxlength: 4000 }), nameField(),
    h("label", { cls: "check" }, h("input", { type: "checkbox", name: "step" }), h("span", {}, t("about_step")))], [[t("send"), "yes", ""]],
  (v) => { const { run, step } = about(); return { what: "note", run, step: v.step ? step : null, kind: v.kind, by: v.by, text: v.text }; },
  (form) => { form.querySelector("textarea").value = ""; done(); });
  byId("note_form").replaceWith(Object.assign(own, { id: "note_form" }));
}
