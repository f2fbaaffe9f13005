// Pictures: the plan as a graph, and the lines of loads and watches against their limits.
import { GLYPHS, h, number, t, duration } from "./words.js";
function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

// Steps from left to right, each behind all that it needs.
export function graph(steps, selected, choose) {
  const layer = new Map();
  const depth = (step, seen) => {
    if (layer.has(step.step)) return layer.get(step.step);
    if (seen.has(step.step)) return 0;
    seen.add(step.step);
    const before = step.needs.map((n) => steps.get(n)).filter(Boolean);
    const place = before.length ? 1 + Math.max(...before.map((b) => depth(b, seen))) : 0;
    layer.set(step.step, place);
    return place;
  };
  const rows = [], place = new Map(), W = 172, H = 46, GX = 34, GY = 14;
  for (const step of steps.values()) {
    const x = depth(step, new Set());
    rows[x] = (rows[x] ?? 0) + 1;
    place.set(step.step, [x, rows[x] - 1]);
  }
  const most = Math.max(1, ...rows.filter(Boolean));
  const at = (n) => {
    const [x, y] = place.get(n);
    return [4 + x * (W + GX), 4 + (y + (most - rows[x]) / 2) * (H + GY)];
  };
  const width = 8 + rows.length * (W + GX) - GX, height = 8 + most * (H + GY) - GY;
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width: `${width / 16}rem`, height: `${height / 16}rem`, role: "img", "aria-label": t("plan") });
  for (const step of steps.values()) {
    for (const need of step.needs.filter((n) => place.has(n))) {
      const [x1, y1] = at(need), [x2, y2] = at(step.step), a = x1 + W, b = y1 + H / 2, d = y2 + H / 2, m = (a + x2) / 2;
      root.append(svg("path", { class: "edge", d: `M${a} ${b}C${m} ${b} ${m} ${d} ${x2} ${d}` }));
    }
  }
  for (const step of steps.values()) {
    const [x, y] = at(step.step);
    const node = svg("g", { class: `node s-${step.state}${step.step === selected ? " sel" : ""}` },
      svg("rect", { x, y, width: W, height: H, rx: 8 }));
    const label = (cls, dx, dy, text) => { const e = svg("text", { class: cls, x: x + dx, y: y + dy }); e.textContent = text; node.append(e); };
    label("num", 10, 19, `${step.step}  ${GLYPHS[step.state] ?? ""} ${cut(step.state_words, 14)}`);
    label("", 10, 37, cut(step.title, 21));
    const title = svg("title"); title.textContent = `${step.step} ${step.title}: ${step.state_words}`;
    node.prepend(title);
    node.addEventListener("click", () => choose(step.step));
    root.append(node);
  }
  return root;
}

function scale(most) {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most)), part = most / power;
  return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}
export function chart(data) {
  const W = 480, H = 170, L = 52, R = 8, T = 8, B = 20;
  const values = data.lines.flatMap((line) => line.points.map((p) => p[1])).filter((v) => v !== null);
  const seen = values.length ? Math.max(...values) : 0, least = values.length ? Math.min(0, ...values) : 0;
  const drawn = data.limits.filter((limit) => limit.value <= Math.max(seen * 3, 1e-9) && limit.value >= least);
  const top = scale(Math.max(seen, ...drawn.map((l) => l.value * 1.05)));
  const times = data.lines.flatMap((line) => line.points.map((p) => p[0]));
  const end = Math.max(1, ...times);
  const x = (v) => L + (v / end) * (W - L - R), y = (v) => T + (1 - (v - least) / (top - least || 1)) * (H - T - B);
  const last = (line) => { const p = line.points.at(-1); return p ? p[1] : null; };
  const name = { rate: t("rate"), latency: t("latency") }[data.what] ?? data.what;
  const told = data.lines.map((l) => `${l.name} ${t("last")} ${number(last(l))}`).join(", ");
  const root = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${data.action} ${name} (${data.unit}): ${told}. ${data.limits.map((l) => `${t("limit")} ${number(l.value)}`).join(", ")}` });
  const text = (x, y, words, cls = "", anchor = "end") => { const e = svg("text", { x, y, class: cls, "text-anchor": anchor }); e.textContent = words; root.append(e); };
  for (const part of [0, 0.5, 1]) {
    const v = least + part * (top - least);
    root.append(svg("line", { class: "grid", x1: L, x2: W - R, y1: y(v), y2: y(v) }));
    text(L - 6, y(v) + 4, number(v));
  }
  text(L, H - 5, "0 s", "", "start");
  text(W - R, H - 5, duration(end));
  data.lines.forEach((line, at) => {
    let d = "", pen = false;
    for (const [time, value] of line.points) {
      // Where nothing was measured the line is broken.
      if (value === null) { pen = false; continue; }
      d += `${pen ? "L" : "M"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      if (!pen) d += "h.1";
      pen = true;
    }
    root.append(svg("path", { class: `k${(at % 4) + 1}`, d }));
  });
  for (const limit of drawn) {
    root.append(svg("line", { class: "limit", x1: L, x2: W - R, y1: y(limit.value), y2: y(limit.value) }));
    text(W - R - 2, y(limit.value) - 4, `${t("limit")} ${number(limit.value)}`, "lim");
  }
  const above = data.limits.filter((l) => !drawn.includes(l)).map((l) => h("span", {}, t("limit_above", { v: number(l.value) })));
  return h("figure", { cls: "chart" },
    h("figcaption", {}, h("span", {}, `${data.action} · ${name}`), h("span", { cls: "quiet" }, data.unit)),
    root,
    h("div", { cls: "legend" }, data.lines.map((line, at) => h("span", { cls: `l${(at % 4) + 1}` }, `${line.name}: ${values.length ? number(last(line)) : t("nothing_seen")}`))),
    above.length ? h("div", { cls: "quiet" }, above) : null);
}
