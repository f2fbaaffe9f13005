// Opens the page, follows a run by server-sent events, and draws what is new.
import { byId, bytes, h, language, otherLanguage, serverIs, t, words, day, clock } from "./words.js";
import * as show from "./show.js";
import * as decide from "./decide.js";

const steps = new Map();
let run = null, runName = null, chosen = null, selected = null, allCharts = [], source = null, states = new Map(), oldest = null;
const LINES = 400;

// The token comes behind the `#`, which no server sees, and leaves the address at once.
function givenToken() {
  const given = decodeURIComponent(location.hash.slice(1));
  const isToken = given.length >= 16;
  if (isToken) {
    history.replaceState(null, "", location.pathname + location.search);
    try { sessionStorage.setItem("jalon-token", given); } catch { /* it is asked for again after a reload */ }
    return given;
  }
  try { return sessionStorage.getItem("jalon-token"); } catch { return null; }
}
async function enter(token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch("/api/session", { method: "POST", headers });
  if (!answer.ok) return (await answer.json().catch(() => ({}))).error ?? String(answer.status);
  decide.rights(token, (await answer.json()).right);
  return null;
}
async function start() {
  words();
  byId("language").textContent = t("language");
  byId("language").lang = language() === "en" ? "fr" : "en";
  const wrong = await enter(givenToken()).catch(() => null);
  if (wrong) { byId("enter").hidden = false; byId("token").focus(); return; }
  begin();
}
function begin() {
  byId("enter").hidden = true;
  byId("main").hidden = false;
  decide.noteForm(() => ({ run: runName, step: current() }), notes);
  follow();
  runs();
  notes();
}
byId("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = byId("token").value.trim();
  const wrong = await enter(token).catch((error) => error.message);
  if (wrong) { byId("enter_said").textContent = wrong; return; }
  try { sessionStorage.setItem("jalon-token", token); } catch { /* it is asked for again after a reload */ }
  begin();
});

function connected(is) {
  byId("link").className = `link ${is ? "on" : "off"}`;
  byId("link").textContent = t(is ? "connected" : "cut");
}
// A browser takes a stream up again by itself, from the last record that it has.
function follow() {
  source?.close();
  source = new EventSource(`/api/stream?lang=${language()}${chosen ? `&run=${encodeURIComponent(chosen)}` : ""}`);
  const hear = (name, each) => source.addEventListener(name, (event) => { each(JSON.parse(event.data)); draw(); });
  source.onopen = () => connected(true);
  source.onerror = () => {
    connected(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(again, 2000);
  };
  hear("opening", (opening) => {
    serverIs(opening.now);
    connected(true);
    if (opening.since && opening.run === runName) return;
    const isNew = opening.run !== runName;
    runName = opening.run;
    clear(isNew);
    if (isNew) runs();
  });
  hear("run", (value) => { if (run && run.state !== value.state) runs(); run = value; });
  hear("step", (value) => { steps.set(value.step, value); announce(value); });
  hear("charts", (value) => { allCharts = value; dirty.charts = true; });
  hear("record", (value) => lines.push(value));
}
async function again() {
  const wrong = await enter(givenToken()).catch(() => "");
  if (wrong === null) follow();
  else if (wrong) { byId("main").hidden = true; byId("enter").hidden = false; byId("enter_said").textContent = wrong; }
  else setTimeout(again, 2000);
}
function clear(isNew) {
  steps.clear();
  run = null; allCharts = []; lines = []; oldest = null; dirty.charts = true;
  if (isNew) { selected = null; states = new Map(); }
  byId("list").replaceChildren();
  byId("log").replaceChildren();
}
function announce(step) {
  const before = states.get(step.step);
  states.set(step.step, step.state);
  if (before && before !== step.state) byId("announce").textContent = t("of_step", { n: step.step, s: step.state_words });
}

// The step that runs or waits, unless a person has chosen another.
function current() {
  if (selected !== null && steps.has(selected)) return selected;
  const all = [...steps.values()].sort((a, b) => a.step - b.step);
  const first = (state) => all.find((s) => s.state === state);
  const latest = all.filter((s) => s.started).sort((a, b) => Date.parse(b.started) - Date.parse(a.started))[0];
  return (first("running") ?? first("awaiting-approval") ?? latest ?? all[0])?.step ?? null;
}
function choose(step) {
  selected = step === selected ? null : step;
  draw();
  filter();
}

const dirty = { charts: false };
let lines = [], waits = false, drawn = {};
function draw() {
  if (waits) return;
  waits = true;
  requestAnimationFrame(() => { waits = false; redraw(); });
}
// A part is drawn again only when what it shows has changed.
function changed(name, ...parts) {
  const key = JSON.stringify([language(), ...parts]);
  const is = drawn[name] !== key;
  drawn[name] = key;
  return is;
}
function redraw() {
  const sorted = new Map([...steps].sort((a, b) => a[0] - b[0])), at = current(), step = sorted.get(at);
  if (changed("header", run, runName)) show.header(run);
  if (changed("plan", [...sorted.values()].map((s) => [s.step, s.state, s.title, s.needs]), at)) show.plan(sorted, at, choose);
  if (changed("list", [...sorted.values()].map((s) => [s.step, s.state, s.title, s.attempt, s.started, s.ended]), at)) show.list(sorted, at, choose);
  const isTyping = byId("detail_body").contains(document.activeElement) && document.activeElement.matches("input,textarea");
  if (!isTyping && changed("detail", step, run?.progress, run?.live, decide.mayDecide())) show.detail(step, run, () => files(at), decide.skip(run, step));
  decide.asks(run, sorted);
  const isCharted = step && [...sorted.values()].filter((s) => s.started).every((s) => s.step === at || Date.parse(s.started) <= Date.parse(step.started));
  if (dirty.charts || changed("charted", isCharted)) { show.charts(isCharted ? allCharts : []); dirty.charts = false; }
  byId("report").hidden = !runName;
  byId("report").href = `/report?run=${encodeURIComponent(runName ?? "")}&lang=${language()}`;
  log();
}

function log() {
  if (!lines.length) return;
  const list = byId("log"), box = byId("log_box");
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const only = byId("only").checked ? current() : null;
  for (const line of lines.slice(-LINES)) {
    const element = show.record(line);
    element.hidden = only !== null && line.step !== only;
    list.append(element);
  }
  lines = [];
  while (list.children.length > LINES && isAtEnd) list.firstChild.remove();
  first();
  if (isAtEnd) box.scrollTop = box.scrollHeight;
}
function first() {
  oldest = Number(byId("log").firstChild?.dataset.seq ?? 1);
  byId("earlier").hidden = oldest <= 1;
}
function filter() {
  const only = byId("only").checked ? String(current()) : null;
  for (const line of byId("log").children) line.hidden = only !== null && line.dataset.step !== only;
}
byId("only").addEventListener("change", filter);
byId("earlier").addEventListener("click", async () => {
  const older = await get(`/api/journal?run=${encodeURIComponent(runName)}&before=${oldest}&lang=${language()}`);
  if (!older) return;
  byId("log").prepend(...older.map((line) => show.record(line, true)));
  first();
  filter();
});

async function get(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}
async function runs() {
  const all = (await get(`/api/runs?lang=${language()}`)) ?? [];
  const box = byId("runs");
  box.replaceChildren(h("option", { value: "" }, t("newest")), ...all.map((r) => h("option", { value: r.run, selected: r.run === chosen }, `${r.run} · ${r.outcome_words}`)));
}
byId("runs").addEventListener("change", (event) => { chosen = event.target.value || null; selected = null; follow(); });
async function notes() {
  const all = (await get(`/api/notes?lang=${language()}`)) ?? [];
  byId("note_list").replaceChildren(...all.slice(-30).reverse().map((n) => h("li", {}, h("strong", {}, t("kinds")[n.kind] ?? n.kind), ` ${n.text} `, h("span", { cls: "quiet" }, `${n.by}, ${day(n.at)} ${clock(n.at)}${n.step !== null ? ` · ${t("steps").toLowerCase()} ${n.step}` : ""}`))));
}

const MOST = 256 * 1024;
async function files(step) {
  const all = (await get(`/api/evidence?run=${encodeURIComponent(runName)}&step=${step}`)) ?? [];
  const path = (file) => `/evidence?run=${encodeURIComponent(runName)}&path=${encodeURIComponent(file.path)}`;
  const view = async (file, button) => {
    for (const other of byId("file_list").querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    byId("file_name").replaceChildren(h("code", {}, file.path), ` ${bytes(file.bytes)} · SHA-256 `, h("code", {}, file.sha256.slice(0, 16)), "… · ", h("a", { href: path(file), download: file.path.split("/").at(-1) }, t("download")), file.is_text && file.bytes > MOST ? ` · ${t("cut_off", { n: bytes(MOST) })}` : "");
    byId("file_text").textContent = "";
    if (!file.is_text) return;
    const answer = await fetch(`${path(file)}&most=${MOST}&lang=${language()}`).catch(() => null);
    byId("file_text").textContent = answer?.ok ? await answer.text() : (await answer?.json().catch(() => null))?.error ?? t("missing");
  };
  byId("file_list").replaceChildren(...all.map((file) => {
    const button = h("button", { type: "button", "aria-pressed": "false" }, file.path);
    button.addEventListener("click", () => view(file, button));
    return h("li", {}, button);
  }));
  byId("file_name").textContent = "";
  byId("file_text").textContent = "";
  byId("files").showModal();
  byId("file_list").querySelector("button")?.click();
}
byId("files_close").addEventListener("click", () => byId("files").close());

byId("language").addEventListener("click", () => {
  otherLanguage();
  words();
  byId("language").textContent = t("language");
  byId("language").lang = language() === "en" ? "fr" : "en";
  decide.noteForm(() => ({ run: runName, step: current() }), notes);
  clear(false);
  runName = null;
  follow();
  runs();
  notes();
});
setInterval(show.ticks, 1000);
start();
