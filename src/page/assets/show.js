// The header, the list of steps, and the step that is looked at.
import { GLYPHS, byId, clock, day, duration, h, language, now, number, t } from "./words.js";
import { graph, chart } from "./draw.js";

const since = (at) => (now() - Date.parse(at)) / 1000;
const between = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;
export function ticks() {
  for (const element of document.querySelectorAll("[data-since]")) element.textContent = `${element.dataset.words ?? ""}${seconds(element.dataset.since)}`;
}
const running = (at, words = "") => h("span", { "data-since": at, "data-words": words }, `${words}${seconds(at)}`);
const seconds = (at) => duration(Math.max(0, Math.round(since(at))));

export function header(run) {
  document.title = run ? `${run.outcome_words} · ${run.campaign} · jalon` : "jalon";
  byId("title").textContent = run ? run.campaign : "jalon";
  const facts = run ? [run.production ? `${run.environment} (${t("production")})` : run.environment, `${t("profile")} ${run.profile}`, run.selection, run.operator, run.resumed ? t("resumed", { n: run.resumed }) : ""] : [t("no_run")];
  byId("facts").textContent = facts.filter(Boolean).join(" · ");
  const outcome = byId("outcome"), times = byId("clock");
  outcome.className = `pill s-${run ? (run.state === "ended" ? run.outcome : run.state) : ""}`;
  outcome.textContent = run ? run.outcome_words : "";
  times.replaceChildren();
  if (run) {
    times.append(`${t("settled", { a: run.settled, b: run.steps })} · `, run.state === "running" ? running(run.started, `${t("elapsed")} `) : `${t("took")} ${duration(between(run.started, run.last))}`);
    if (run.left_s !== null) times.append(` · ${t(run.left_unknown ? "left_more" : "left", { x: duration(run.left_s), n: run.left_unknown })}`);
  }
  const alerts = [];
  if (run?.problem) alerts.push(h("p", {}, run.problem));
  for (const left of run?.in_place ?? []) alerts.push(h("p", {}, left));
  if (run?.state === "broken-off") alerts.push(h("p", { cls: "hint" }, t("broken")));
  if (run?.profile_note) alerts.push(h("p", { cls: "hint" }, run.profile_note));
  byId("alerts").replaceChildren(...alerts);
}

export function plan(steps, selected, choose) {
  byId("graph").replaceChildren(steps.size ? graph(steps, selected, choose) : h("p", { cls: "quiet" }, t("no_run")));
  // On a narrow screen the chosen step is in sight.
  const box = byId("graph"), chosen = box.querySelector(".sel");
  if (chosen) box.scrollLeft += chosen.getBoundingClientRect().left - box.getBoundingClientRect().left - box.clientWidth / 3;
}

function lasted(step) {
  if (!step.started) return "";
  if (step.ended) return duration(between(step.started, step.ended), true);
  return step.state === "running" ? running(step.started) : "";
}
// Rows stay where they are, so that the focus does.
export function list(steps, selected, choose) {
  const list = byId("list");
  for (const step of steps.values()) {
    let row = list.querySelector(`[data-step="${step.step}"]`);
    if (!row) {
      row = h("button", { type: "button", "data-step": step.step, on: { click: () => choose(step.step) } });
      const next = [...list.children].find((li) => Number(li.firstChild.dataset.step) > step.step);
      list.insertBefore(h("li", {}, row), next ?? null);
    }
    row.setAttribute("aria-pressed", String(step.step === selected));
    const sub = [step.state_words, step.attempt > 1 ? `${t("attempt")} ${step.attempt}` : ""].filter(Boolean).join(", ");
    row.replaceChildren(h("span", { cls: `dot s-${step.state}`, "aria-hidden": "true" }, GLYPHS[step.state] ?? ""),
      h("span", { cls: "t" }, `${step.step}. ${step.title}`), h("span", { cls: "d" }, lasted(step)), h("span", { cls: "sub" }, sub));
  }
}

function action(step, one, run) {
  const progress = one.state === "running" ? run?.progress.find((p) => p.action === one.action) : null;
  const time = one.ended ? `${clock(one.started)} · ${duration(between(one.started, one.ended), true)}` : one.state === "running" ? running(one.started) : one.started ? clock(one.started) : "";
  const word = one.state === "watch" ? t("watch") : t(`state_${one.state}`);
  const figures = one.figures.length
    ? h("details", { open: one.figures.length <= 6, "data-key": `${step.step}/${one.action}` }, h("summary", {}, t("figures", { n: one.figures.length })),
      h("dl", { cls: "figures" }, one.figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))) : null;
  return h("div", { cls: "action" },
    h("div", { cls: "head" }, h("strong", {}, one.action), h("span", { cls: "kind" }, one.kind), h("span", { cls: `pill s-${one.state}` }, word),
      h("span", { cls: "meta" }, one.kept_from ? t("kept", { n: one.kept_from }) : time)),
    one.description ? h("p", { cls: "why" }, one.description) : null,
    progress?.total ? h("div", { cls: "bar", role: "progressbar", "aria-label": one.action, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round((100 * progress.done) / progress.total) }, bar(progress)) : null,
    progress ? h("p", { cls: "quiet" }, progress.total ? `${number(progress.done)} / ${number(progress.total)} · ` : "", progress.message) : null,
    one.message ? h("p", { cls: "why" }, one.message) : null,
    one.remarks.map((remark) => h("p", { cls: "quiet" }, remark)), figures);
}
function bar(progress) {
  const part = h("i");
  part.style.width = `${Math.min(100, (100 * progress.done) / progress.total)}%`;
  return part;
}

function criteria(step) {
  const rows = step.criteria.map((c) => h("tr", {},
    h("td", { cls: "n" }, h("span", { cls: `pill s-${c.verdict ?? ""}` }, c.verdict ? c.verdict_words : t("not_judged"))),
    h("td", {}, h("code", {}, c.text), c.must ? h("div", { cls: "quiet" }, t("must")) : null, c.severity === "warn" ? h("div", { cls: "quiet" }, t("warns")) : null,
      c.reason && !(c.observed && c.limit && c.verdict === "pass") ? h("div", { cls: "quiet" }, c.reason) : null),
    h("td", { "data-l": t("observed") }, c.observed ?? (c.verdict === "inconclusive" || c.verdict === "error" ? t("missing") : "")), h("td", { "data-l": t("limit") }, c.limit ?? "")));
  return h("div", { cls: "scroll" }, h("table", { cls: "criteria" }, h("thead", {}, h("tr", {}, ["verdict", "criterion", "observed", "limit"].map((w) => h("th", { scope: "col" }, t(w))))), h("tbody", {}, rows)));
}

export function detail(step, run, openFiles, more) {
  byId("detail_head").textContent = step ? `${step.step}. ${step.title}` : t("no_run");
  const state = byId("detail_state"), body = byId("detail_body");
  state.className = `pill s-${step?.state ?? ""}`;
  state.textContent = step?.state_words ?? "";
  // What a person opened stays open.
  const open = new Map([...body.querySelectorAll("details[data-key]")].map((d) => [d.dataset.key, d.open]));
  if (!step) { body.replaceChildren(); return; }
  const meta = [
    step.attempt ? `${t("attempt")} ${step.attempt}` : "",
    step.started ? `${day(step.started)} ${clock(step.started)}` : "",
    step.ended ? `${t("took")} ${duration(between(step.started, step.ended), true)}` : "",
    step.estimate_s ? `${t("estimate")} ${duration(step.estimate_s)}` : "",
    step.needs.length ? `${t("needs")} ${step.needs.join(", ")}` : ""].filter(Boolean);
  const parts = [h("div", { cls: "meta" }, meta.map((m) => h("span", {}, m)), step.state === "running" && step.started ? running(step.started, `${t("elapsed")} `) : null)];
  if (step.objective) parts.push(h("p", { cls: "why" }, step.objective));
  if (step.reason) parts.push(h("p", {}, step.reason));
  for (const decision of step.decisions) parts.push(h("p", {}, decision));
  if (step.criteria.length) parts.push(h("h3", {}, t("criteria")), criteria(step));
  if (step.actions.length) parts.push(h("h3", {}, t("actions")), ...step.actions.map((one) => action(step, one, run)));
  if (step.artifacts) parts.push(h("p", {}, h("button", { type: "button", id: "open_files", on: { click: openFiles } }, t("files", { n: step.artifacts }))));
  if (more) parts.push(more);
  const focused = document.activeElement?.id;
  body.replaceChildren(...parts);
  for (const d of body.querySelectorAll("details[data-key]")) if (open.has(d.dataset.key)) d.open = open.get(d.dataset.key);
  if (focused === "open_files") byId("open_files")?.focus();
}

export function charts(all) {
  byId("charts").replaceChildren(...all.map(chart));
}

export function record(line, withDay) {
  const big = line.tone === "step" || line.tone === "run";
  return h("li", { cls: big ? "big" : "", "data-seq": line.seq, "data-step": line.step ?? "" },
    h("time", { datetime: line.at, title: `#${line.seq} ${day(line.at)}` }, withDay ? `${day(line.at)} ${clock(line.at)}` : clock(line.at)),
    h("span", { cls: line.tone && !big ? `word s-${line.tone}` : "" }, line.text));
}
export { language };
