// The words of the page in both languages, how it writes times, and how it makes elements: always text, never markup.
const WORDS = {
  en: {
    skip: "Skip to the step", run: "Run", report: "Report", plan: "Plan", steps: "Steps", waiting: "Waiting for a person",
    journal: "Journal", notes: "Notes", evidence: "Evidence", close: "Close", only_step: "this step only", earlier: "Earlier records",
    enter: "Open the page", enter_why: "Paste the token that jalon printed when it started, or open the address that it printed.",
    token: "Token", open: "Open", newest: "newest run", language: "Français", connected: "connected", cut: "reconnecting…",
    no_run: "No run yet. The page shows the first one as soon as it begins.", nothing: "Nothing waits for a person.",
    production: "PRODUCTION", profile: "profile", elapsed: "running for", took: "took", left: "about {x} left", left_more: "about {x} left, and {n} steps without an estimate",
    settled: "{a} of {b} steps done", resumed: "resumed {n}×", attempt: "attempt", estimate: "estimate", needs: "needs", actions: "Actions", criteria: "Criteria",
    verdict: "Verdict", criterion: "Criterion", observed: "Observed", limit: "Limit", not_judged: "not judged yet", missing: "not measured", must: "must hold", warns: "only warns",
    files: "Evidence ({n})", kept: "kept from attempt {n}", figures: "Figures ({n})", yes: "Yes", no: "No", name: "Your name", comment: "Comment", reason: "Reason",
    until: "Valid until (optional)", waive: "Waive", skip_step: "Skip this step", send: "Record", kind: "Kind", text: "Text", add_note: "Add a note", about_step: "About the selected step",
    answered: "{by}: {a}. Continue with `jalon resume --run {run}`.",
    read_only: "This page was opened with a read-only token.", elsewhere: "The run is in progress in another process: answer at its terminal.",
    approve: "Step {n} waits for the approval of {role}", answer: "Step {n}, action {a}", waive_q: "Step {n}: {s}. Continue in spite of the verdict?", asked: "The run asks", download: "download", cut_off: "first {n} shown",
    limit_above: "limit {v} is above this chart", last: "last", rate: "rate", latency: "latency", nothing_seen: "no value", of_step: "Step {n}: {s}", broken: "No process writes this run: it was broken off. `jalon resume` continues it.",
    failed_to: "The page could not ask jalon: {e}", watch: "watch", state_running: "running", state_done: "done", state_failed: "failed", state_stopped: "stopped", kinds: {observation: "observation", hypothesis: "hypothesis", risk: "risk", decision: "decision", action: "action", dashboard: "dashboard", security: "security"},
  },
  fr: {
    skip: "Aller à l’étape", run: "Exécution", report: "Rapport", plan: "Plan", steps: "Étapes", waiting: "En attente d’une personne",
    journal: "Journal", notes: "Notes", evidence: "Preuves", close: "Fermer", only_step: "cette étape seulement", earlier: "Enregistrements antérieurs",
    enter: "Ouvrir la page", enter_why: "Coller le jeton que jalon a affiché à son démarrage, ou ouvrir l’adresse qu’il a affichée.",
    token: "Jeton", open: "Ouvrir", newest: "la plus récente", language: "English", connected: "connectée", cut: "reconnexion…",
    no_run: "Pas encore d’exécution. La page montrera la première dès qu’elle commence.", nothing: "Rien n’attend une personne.",
    production: "PRODUCTION", profile: "profil", elapsed: "en cours depuis", took: "durée", left: "encore {x} environ", left_more: "encore {x} environ, et {n} étapes sans estimation",
    settled: "{a} étapes sur {b} faites", resumed: "reprise {n}×", attempt: "tentative", estimate: "estimation", needs: "dépend de", actions: "Actions", criteria: "Critères",
    verdict: "Verdict", criterion: "Critère", observed: "Constaté", limit: "Limite", not_judged: "pas encore jugé", missing: "non mesuré", must: "obligatoire", warns: "avertit seulement",
    files: "Preuves ({n})", kept: "repris de la tentative {n}", figures: "Valeurs ({n})", yes: "Oui", no: "Non", name: "Votre nom", comment: "Commentaire", reason: "Motif",
    until: "Valable jusqu’au (facultatif)", waive: "Accorder la dérogation", skip_step: "Sauter cette étape", send: "Enregistrer", kind: "Type", text: "Texte", add_note: "Ajouter une note", about_step: "À propos de l’étape choisie",
    answered: "{by} : {a}. Continuer avec `jalon resume --run {run}`.",
    read_only: "Cette page a été ouverte avec un jeton de lecture seule.", elsewhere: "L’exécution est en cours dans un autre processus : répondre à son terminal.",
    approve: "L’étape {n} attend l’approbation de {role}", answer: "Étape {n}, action {a}", waive_q: "Étape {n} : {s}. Continuer malgré le verdict ?", asked: "L’exécution demande", download: "télécharger", cut_off: "{n} premiers affichés",
    limit_above: "la limite {v} est au-dessus de ce graphique", last: "dernier", rate: "débit", latency: "latence", nothing_seen: "aucune valeur", of_step: "Étape {n} : {s}", broken: "Aucun processus n’écrit cette exécution : elle a été interrompue. `jalon resume` la continue.",
    failed_to: "La page n’a pas pu interroger jalon : {e}", watch: "surveillance", state_running: "en cours", state_done: "terminée", state_failed: "en échec", state_stopped: "arrêtée", kinds: {observation: "observation", hypothesis: "hypothèse", risk: "risque", decision: "décision", action: "action", dashboard: "tableau de bord", security: "sécurité"},
  },
};
const asked = new URLSearchParams(location.search).get("lang");
const stored = (() => { try { return localStorage.getItem("jalon-lang"); } catch { return null; } })();
let lang = [asked, stored, (navigator.language || "en").slice(0, 2)].find((l) => WORDS[l]) || "en";
export const language = () => lang;
export function otherLanguage() {
  lang = lang === "en" ? "fr" : "en";
  try { localStorage.setItem("jalon-lang", lang); } catch { /* it is asked for again the next time */ }
}
export function t(key, values = {}) {
  const text = WORDS[lang][key] ?? key;
  return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}
export function words() {
  document.documentElement.lang = lang;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
}
let ahead = 0;
export const serverIs = (now) => { ahead = Date.parse(now) - Date.now(); };
export const now = () => Date.now() + ahead;
export function duration(seconds, exact = false) {
  if (seconds > 0 && seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds >= 1 && seconds < 10 && exact) return `${number(Math.round(seconds * 10) / 10)} s`;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 && s < 600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.round(s / 60)} min`;
  const h = Math.floor(s / 3600), m = Math.round((s % 3600) / 60);
  return h >= 48 ? `${Math.round(h / 24)} ${lang === "fr" ? "j" : "d"}` : `${h} h ${m} min`;
}
const two = (n) => String(n).padStart(2, "0");
export function clock(at) {
  const d = new Date(at);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}
export function day(at) {
  const d = new Date(at), parts = [d.getFullYear(), two(d.getMonth() + 1), two(d.getDate())];
  return lang === "fr" ? parts.reverse().join("/") : parts.join("-");
}
export function number(value) {
  if (value === null || value === undefined) return t("missing");
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 1 ? 2 : 4;
  return new Intl.NumberFormat(lang === "fr" ? "fr-FR" : "en-US", { maximumFractionDigits: digits }).format(value);
}
export function bytes(n) {
  const names = lang === "fr" ? ["o", "Kio", "Mio", "Gio"] : ["B", "KiB", "MiB", "GiB"];
  let at = 0;
  while (n >= 1024 && at < 3) { n /= 1024; at += 1; }
  return `${number(Math.round(n * 10) / 10)} ${names[at]}`;
}
// An element; every child that is no element is a text.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, hear] of Object.entries(value)) element.addEventListener(event, hear);
    else element.setAttribute(name === "cls" ? "class" : name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return element;
}
export const byId = (id) => document.getElementById(id);
export const GLYPHS = { locked: "·", ready: "○", running: "▶", "awaiting-approval": "?", passed: "✓", failed: "✕", inconclusive: "~", error: "!", interrupted: "‖", waived: "✓", skipped: "–", "not-applicable": "–" };
