"use strict";
// The document that the server sends, whole and then in merge patches (RFC 7396); docs/watching.md has its members.
let page = { runs: {} };
let ahead = 0; // seconds that this clock is ahead of the server's
let trouble = "";
let over = false; // whether the server has said goodbye
const EARLIER = 5; // ended bars inside a bar that are shown; those before them are folded
const SHOWN_CURVES = 8;
const BAD = ["failed", "lost", "interrupted"];
const $ = (id) => document.getElementById(id);
const now = () => (page.file ? page.now : Date.now() / 1000 - ahead);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function merge(target, patch) {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete target[name];
    else target[name] = isObject(value) ? merge(isObject(target[name]) ? target[name] : {}, value) : value;
  }
  return target;
}

// ── words ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds)), two = (n) => String(n).padStart(2, "0");
  const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, rest = two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
  return d ? `${d}d ${two(h)}:${rest}` : h ? `${h}:${rest}` : rest;
}

function clock(time) {
  const form = { hour: "2-digit", minute: "2-digit" };
  if (Math.abs(time - now()) > 86400) Object.assign(form, { weekday: "short", day: "numeric" });
  return new Date((time + ahead) * 1000).toLocaleString([], form);
}

function facts(run, bar) {
  const said = [], moment = run.silent ?? now();
  const elapsed = bar.elapsed ?? moment - bar.since;
  said.push(bar.state === "running" ? duration(elapsed) : `in ${duration(elapsed)}`);
  if (bar.ends) {
    const left = (time) => duration(time - moment);
    const near = bar.soonest && left(bar.soonest) !== left(bar.latest) ? ` (${left(bar.soonest)}–${left(bar.latest)})` : "";
    const range = bar.soonest && clock(bar.soonest) !== clock(bar.latest) ? ` (${clock(bar.soonest)}–${clock(bar.latest)})` : "";
    said.push(`${left(bar.ends)} left${near}`, `ends ${clock(bar.ends)}${range}`);
  }
  if (bar.limit) said.push(`limit ${clock(bar.limit)}`);
  if (bar.rate) said.push(bar.rate);
  if (bar.workers) said.push(bar.workers);
  if (bar.still) said.push(`no advance for ${duration(moment - bar.still)}`);
  return said;
}

// The word for how a bar is: how it ended, or the thing that keeps it. If its file is silent, nothing is known of it.
const word = (run, bar) => (bar.state === "running" ? (run.silent ? "silent" : (bar.held ?? "")) : bar.state);
const look = (run, bar) => (bar.state === "running" && word(run, bar) ? "held" : bar.state);
const number = (value) => String(Number(value.toPrecision(4)));

// ── elements ───────────────────────────────────────────────────────────────────────────────────────────────────────

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function sayAll(node, texts) {
  if (node.dataset.said === JSON.stringify(texts)) return;
  node.dataset.said = JSON.stringify(texts);
  node.replaceChildren(...texts.map((text) => element("span", "", text)));
}

// Puts nodes into a container in their order, and moves none that is in its place: what a visitor has opened stays open.
function arrange(container, nodes) {
  nodes.forEach((node, i) => {
    if (container.children[i] !== node) container.insertBefore(node, container.children[i] ?? null);
  });
  while (container.children.length > nodes.length) container.lastChild.remove();
}

const kept = new Map(); // the elements by their keys
function keep(key, make) {
  if (!kept.has(key)) kept.set(key, make());
  const found = kept.get(key);
  found.used = true;
  return found;
}

function newBar() {
  const parts = { title: element("b"), word: element("span", "word"), far: element("span", "far") };
  Object.assign(parts, { facts: element("div", "facts"), reason: element("div", "reason"), metrics: element("div", "metrics") });
  parts.fill = element("div", "fill");
  parts.track = element("div", "track", parts.fill);
  parts.track.setAttribute("role", "progressbar");
  parts.inner = element("div");
  parts.earlier = element("details", "", element("summary"), element("div"));
  const row = element("div", "row", parts.title, parts.word, parts.far);
  parts.root = element("div", "", row, parts.track, parts.facts, parts.metrics, parts.reason, parts.inner);
  return parts;
}

function showBar(run, id, inside, depth) {
  const bar = run.bars[id], parts = keep(`${run.number} ${id}`, newBar), inner = inside.get(id) ?? [];
  const unknown = bar.share === undefined;
  const className = ["bar", look(run, bar), bar.state === "running" ? "" : "ended", depth ? "inner" : "", unknown ? "unknown" : ""];
  parts.root.className = className.filter(Boolean).join(" ");
  say(parts.title, bar.title ?? "");
  say(parts.word, word(run, bar));
  say(parts.far, [bar.percentage, bar.counts].filter(Boolean).join("  "));
  sayAll(parts.facts, facts(run, bar));
  sayAll(parts.metrics, [...Object.entries(bar.metrics ?? {}).map((each) => each.join(" ")), ...(bar.more ? [`+${bar.more}`] : [])]);
  say(parts.reason, [bar.reason, bar.message].filter(Boolean).join(" · "));
  parts.fill.style.width = unknown ? "" : `${100 * bar.share}%`;
  parts.track.setAttribute("aria-label", bar.title ?? "");
  parts.track.setAttribute("aria-valuetext", [bar.percentage, word(run, bar), ...facts(run, bar)].filter(Boolean).join(", "));
  if (unknown) parts.track.removeAttribute("aria-valuenow");
  else parts.track.setAttribute("aria-valuenow", Math.floor(100 * bar.share));

  const calm = inner.filter((each) => ["finished", "stopped"].includes(run.bars[each].state));
  const old = new Set(calm.slice(0, -EARLIER));
  const nodes = inner.filter((each) => !old.has(each)).map((each) => showBar(run, each, inside, depth + 1));
  say(parts.earlier.firstChild, `${old.size} earlier`);
  arrange(parts.earlier.lastChild, [...old].map((each) => showBar(run, each, inside, depth + 1)));
  arrange(parts.inner, old.size ? [parts.earlier, ...nodes] : nodes);
  return parts.root;
}

function newCurve() {
  const parts = { name: element("span"), value: element("span"), low: element("span"), high: element("span") };
  const svg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.assign(parts, { svg: svg("svg"), line: svg("polyline"), band: svg("polygon") });
  parts.svg.setAttribute("viewBox", "0 0 100 100");
  parts.svg.setAttribute("preserveAspectRatio", "none");
  parts.svg.setAttribute("role", "img");
  parts.svg.append(parts.band, parts.line);
  const caption = element("figcaption", "", parts.name, parts.value);
  parts.root = element("figure", "", caption, parts.svg, element("div", "scale", parts.low, parts.high));
  return parts;
}

// The curves of a run, the outer ones first; one that an inner bar repeats is left out.
function curves(run) {
  const seen = new Set(), depth = (id) => run.courses[id].place.split(".").length;
  const ids = Object.keys(run.courses).sort((a, b) => depth(a) - depth(b));
  return ids.filter((id) => {
    const points = run.courses[id].points, all = run.courses[id].name + JSON.stringify(points);
    return Object.keys(points).length > 1 && !seen.has(all) && seen.add(all);
  });
}

function showCurve(run, id, names) {
  const course = run.courses[id], parts = keep(`${run.number} ${id}`, newCurve), points = Object.values(course.points);
  if (parts.shown === JSON.stringify(points)) return parts.root;
  parts.shown = JSON.stringify(points);
  const low = Math.min(...points.map((p) => p[2] ?? p[1])), high = Math.max(...points.map((p) => p[3] ?? p[1]));
  const from = points[0][0], to = points[points.length - 1][0];
  const x = (p) => ((100 * (p[0] - from)) / (to - from || 1)).toFixed(2);
  const y = (value) => (97 - (94 * (value - low)) / (high - low || 1)).toFixed(2);
  const line = points.map((p) => `${x(p)},${y(p[1])}`);
  const over = points.map((p) => `${x(p)},${y(p[3] ?? p[1])}`), under = points.map((p) => `${x(p)},${y(p[2] ?? p[1])}`);
  parts.line.setAttribute("points", line.join(" "));
  parts.band.setAttribute("points", [...over, ...under.reverse()].join(" "));
  const last = points[points.length - 1][1];
  say(parts.name, names.has(course.name) ? `${course.name} (inside)` : course.name);
  say(parts.value, number(last));
  say(parts.low, `${number(low)} – ${number(high)}`);
  say(parts.high, duration(to));
  parts.svg.setAttribute("aria-label", `${course.name}: ${number(last)} at last, between ${number(low)} and ${number(high)}`);
  return parts.root;
}

// ── runs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function inside(run) {
  const found = new Map([[undefined, []]]);
  for (const [id, bar] of Object.entries(run.bars)) {
    if (!found.has(bar.parent)) found.set(bar.parent, []);
    found.get(bar.parent).push(id);
  }
  return found;
}

// The bar that stands for a run: the first outermost one that runs, else the last one.
function main(run) {
  const bars = Object.values(run.bars).filter((bar) => !bar.parent);
  return bars.find((bar) => bar.state === "running") ?? bars[bars.length - 1];
}

function newRun() {
  const parts = { name: element("b"), where: element("span", "dim"), flaw: element("p", "flaw bad"), bars: element("div") };
  parts.curves = element("div", "curves");
  parts.others = element("details", "", element("summary"), element("div", "curves"));
  parts.text = element("pre");
  parts.texts = element("details", "", element("summary", "", "Text of the program"), parts.text);
  parts.texts.open = true;
  parts.root = element("article", "", element("div", "head", parts.name, parts.where), parts.flaw, parts.bars, parts.curves);
  return parts;
}

function showRun(run) {
  const parts = keep(`${run.number} run`, newRun), tree = inside(run), bar = main(run);
  say(parts.name, run.program ?? run.file);
  say(parts.where, [run.program ? run.file : "", run.host, run.command].filter(Boolean).join(" · "));
  parts.root.setAttribute("aria-label", run.program ?? run.file);
  const flaws = [];
  if (run.flaw) flaws.push(`The file cannot be read: ${run.flaw}.`);
  if (run.missing) flaws.push(`${run.missing} events are missing: there was no space for them.`);
  if (run.silent) flaws.push(`Nothing was heard for ${duration(now() - run.silent)}; this is as of ${clock(run.silent)}.`);
  if (!bar && !run.flaw) flaws.push(run.over ? "The program has ended without a bar." : "There is no bar yet.");
  say(parts.flaw, flaws.join(" "));
  arrange(parts.bars, tree.get(undefined).map((id) => showBar(run, id, tree, 0)));

  const names = new Set(), figures = curves(run).map((id) => {
    const figure = showCurve(run, id, names);
    names.add(run.courses[id].name);
    return figure;
  });
  const others = figures.slice(SHOWN_CURVES);
  arrange(parts.curves, figures.slice(0, SHOWN_CURVES));
  say(parts.others.firstChild, `${others.length} more curves`);
  arrange(parts.others.lastChild, others);
  const text = Object.values(run.texts).join("\n");
  if (parts.text.textContent !== text) {
    const atEnd = parts.text.scrollTop + parts.text.clientHeight >= parts.text.scrollHeight - 4;
    parts.text.textContent = text;
    if (atEnd) requestAnimationFrame(() => (parts.text.scrollTop = parts.text.scrollHeight));
  }
  arrange(parts.root, [...[...parts.root.children].slice(0, 4), ...(others.length ? [parts.others] : []), ...(text ? [parts.texts] : [])]);
  return parts.root;
}

// ── the page ───────────────────────────────────────────────────────────────────────────────────────────────────────

function show() {
  for (const parts of kept.values()) parts.used = false;
  const runs = Object.entries(page.runs).map(([number, run]) => ({ ...run, number }));
  arrange($("runs"), runs.map(showRun));
  for (const [key, parts] of kept) if (!parts.used) kept.delete(key);
  const bars = runs.map(main);
  say($("status"), trouble);
  $("status").className = trouble && !over && !page.file ? "bad" : "";
  const shares = bars.map((bar, i) => (bar ? word(runs[i], bar) || bar.percentage || bar.counts : "waiting"));
  document.title = `${shares.join(", ")} · ${runs.map((run) => run.program ?? run.file).join(", ")}`;
  icon(runs, bars);
}

// A ring with the share of the first run that goes on; full in the colour of the end if none does.
function icon(runs, bars) {
  const bar = bars.find((each) => each?.state === "running") ?? bars.find((each) => each && BAD.includes(each.state)) ?? bars[0];
  const colours = { running: "#1976d2", finished: "#2e7d32", stopped: "#00796b", interrupted: "#b45309" };
  const shown = bar ? look(runs[bars.indexOf(bar)], bar) : "held";
  const colour = colours[shown] ?? (shown === "held" ? "#6b7280" : "#c62828");
  const share = bar?.state === "running" ? bar.share ?? 0 : bar ? 1 : 0;
  const ring = (stroke, length) =>
    `<circle cx="16" cy="16" r="12" fill="none" stroke="${stroke}" stroke-width="7" stroke-dasharray="${length} 100" pathLength="100" transform="rotate(-90 16 16)"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${ring("#9aa4b255", 100)}${ring(colour, Math.round(100 * share))}</svg>`;
  const href = "data:image/svg+xml," + encodeURIComponent(svg), link = document.querySelector("link[rel=icon]");
  if (link.getAttribute("href") !== href) link.href = href;
}

function happened(before) {
  for (const [number, run] of Object.entries(page.runs)) {
    for (const [id, bar] of Object.entries(run.bars)) {
      const old = before[`${number} ${id}`];
      const isNews = (bar.state !== "running" && (!bar.parent || BAD.includes(bar.state))) || ["stalled", "silent"].includes(word(run, bar));
      if (old === undefined || old === word(run, bar) || !isNews) continue;
      const title = `${bar.title || run.program || run.file}: ${word(run, bar)}`;
      try {
        new Notification(title, { body: bar.reason ?? [bar.percentage, ...facts(run, bar)].join(", "), tag: `${number} ${id}` });
      } catch {
        return; // phones want a service worker for that
      }
    }
  }
}

function words() {
  const found = {};
  for (const [number, run] of Object.entries(page.runs)) for (const [id, bar] of Object.entries(run.bars)) found[`${number} ${id}`] = word(run, bar);
  return found;
}

let source; // the connection to the server

function listen() {
  source = new EventSource("events");
  source.addEventListener("whole", (event) => take(JSON.parse(event.data), true));
  source.addEventListener("patch", (event) => take(JSON.parse(event.data), false));
  source.addEventListener("end", () => {
    source.close();
    over = true;
    trouble = "The server has ended; this is the last state.";
    show();
  });
  source.onerror = () => {
    trouble = `The server does not answer; this is as of ${clock(page.now ?? now())}.`;
    show();
  };
}

function take(news, whole) {
  const before = words();
  ahead = Date.now() / 1000 - news.now;
  page = whole ? news : merge(page, news);
  trouble = "";
  show();
  if (!$("notify").hidden && Notification.permission === "granted") happened(before);
}

function offer() {
  const button = $("notify");
  if (!window.isSecureContext || !("Notification" in window) || Notification.permission === "denied") return;
  const tell = () => say(button, Notification.permission === "granted" ? "Notifications are on" : "Notify me");
  button.hidden = false;
  tell();
  button.onclick = async () => {
    if ((await Notification.requestPermission()) === "denied") button.hidden = true;
    tell();
  };
}

const written = $("document");
if (written) {
  page = JSON.parse(written.textContent);
  over = Object.values(page.runs).every((run) => run.over);
  trouble = `As of ${new Date(page.now * 1000).toLocaleString()}${over ? "" : "; this file is written anew every few seconds"}.`;
  page.file = true;
  show();
} else {
  offer();
  listen();
  setInterval(show, 1000);
}
