// The atlas in the browser: table, scatter and the pages of rules. It writes what comes
// from files as text, never as HTML; formulas are HTML made by typeset.py.
"use strict";
(async () => {
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const byKey = new Map(data.rules.map((rule) => [rule.key, rule]));
const quantity = new Map(data.quantities.map((q) => [q.id, q]));
const colour = Object.fromEntries(data.groups.map((g) => [g.name, g.colour]));
const views = new Map();
let details = {};
let scatterView = null;

// ---- small helpers
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

async function unpack(id) {
  const packed = Uint8Array.from(atob($(id).textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function runScript(code) {
  const script = document.createElement("script");
  script.textContent = code;
  document.head.append(script);
}

function text(value, id, signed = false) {
  const digits = id.endsWith("_hz") ? 1 : 3;
  const [mean, error] = value || [null, null];
  if (mean === null) return "–";
  const sign = signed && mean >= 0 ? "+" : "";
  const shown = sign + mean.toFixed(digits).replace("-", "−");
  return error === null ? shown : `${shown} ± ${error.toFixed(digits)}`;
}

const of = (rule, split, id) => rule.splits[split]?.values[id] ?? null;
const reportedSplit = () => $("split").value;

// ---- charts
const config = {
  font: "system-ui, sans-serif",
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal", grid: true, gridColor: "#eee" },
  view: { stroke: null },
  legend: { labelFontSize: 11, titleFontSize: 11 },
};

async function draw(element, spec, label) {
  views.get(element)?.finalize();
  const full = { $schema: "v5", background: "white", config, ...spec };
  const compiled = vegaLite.compile(full).spec;
  if (label) compiled.description = label;
  const view = new vega.View(vega.parse(compiled), { renderer: "svg", container: element, hover: true });
  views.set(element, view);
  await view.runAsync();
  return view;
}

function scatterRows(x, y, split) {
  return data.rules.flatMap((rule) => {
    if (!$("broken").checked && rule.splits[split]?.n_broken) return [];
    const [a, b] = [of(rule, split, x), of(rule, split, y)];
    if (!a || !b || a[0] === null || b[0] === null) return [];
    return [{
      key: rule.key, kind: rule.group, x: a[0], y: b[0],
      x0: a[0] - (a[1] ?? 0), x1: a[0] + (a[1] ?? 0),
      y0: b[0] - (b[1] ?? 0), y1: b[0] + (b[1] ?? 0),
      best: rule.best,
      tip: `${rule.name}: ${rule.formula}\n${quantity.get(x).head}: ${text(a, x)}\n${quantity.get(y).head}: ${text(b, y)}`,
    }];
  });
}

// Lines that lie far from the data would squeeze it.
function linesOn(id, rows, ends) {
  const values = rows.flatMap((row) => ends.map((end) => row[end]));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  return data.lines.filter((line) => line.on === id && line.at >= low - span && line.at <= high + span);
}

async function drawScatter() {
  const [x, y, split] = [$("axis-x").value, $("axis-y").value, reportedSplit()];
  const element = $("scatter");
  const kinds = new Set(checkedGroups());
  const rows = scatterRows(x, y, split).filter((row) => kinds.has(row.kind));
  const width = Math.max(220, Math.min(900, element.clientWidth - 80));
  const [across, up] = [linesOn(x, rows, ["x0", "x1"]), linesOn(y, rows, ["y0", "y1"])];
  const axis = (id) => ({ title: quantity.get(id).head });
  const scale = { zero: false, nice: true };
  const names = (channel) => (channel === "y" ? { align: "right", dy: -5 } : { align: "right", angle: 270, dy: 11, dx: -4 });
  const place = (channel) => (channel === "y" ? { x: { value: width } } : { y: { value: 0 } });
  const line = (values, channel) => ({
    data: { values },
    layer: [
      { mark: { type: "rule", strokeDash: [5, 4], strokeWidth: 1.5 }, encoding: { [channel]: { field: "at", type: "quantitative" }, color: { field: "colour", type: "nominal", scale: null } } },
      { mark: { type: "text", fontSize: 11, ...names(channel) }, encoding: { [channel]: { field: "at", type: "quantitative" }, ...place(channel), text: { field: "text" }, color: { field: "colour", type: "nominal", scale: null } } },
    ],
  });
  const kind = {
    field: "kind", type: "nominal", title: null,
    scale: { domain: data.groups.map((g) => g.name), range: data.groups.map((g) => g.colour) },
    legend: { orient: "top", symbolOpacity: 1, columns: width < 420 ? 2 : 6, direction: "horizontal" },
  };
  const shape = { ...kind, scale: { domain: kind.scale.domain, range: data.groups.map((g) => g.shape) } };
  const bar = (encoding) => ({ data: { values: rows }, mark: { type: "rule", strokeWidth: 1.2, opacity: 0.55 }, encoding: { ...encoding, color: kind } });
  const layers = [
    ...(up.length ? [line(up, "y")] : []),
    ...(across.length ? [line(across, "x")] : []),
    bar({ x: { field: "x0", type: "quantitative", scale }, x2: { field: "x1" }, y: { field: "y", type: "quantitative", scale } }),
    bar({ x: { field: "x", type: "quantitative", scale }, y: { field: "y0", type: "quantitative", scale }, y2: { field: "y1" } }),
    {
      data: { values: rows },
      mark: { type: "point", filled: true, opacity: 0.9, cursor: "pointer" },
      encoding: {
        x: { field: "x", type: "quantitative", axis: axis(x), scale },
        y: { field: "y", type: "quantitative", axis: axis(y), scale },
        color: kind, shape,
        size: { condition: { test: "datum.best", value: 220 }, value: 110 },
        strokeWidth: { value: 0.8 },
        stroke: { condition: { test: "datum.best", value: "black" }, value: "white" },
        tooltip: { field: "tip" },
      },
    },
  ];
  element.replaceChildren();
  scatterView = await draw(element, { width, height: Math.round(0.6 * width), layer: layers },
    `${quantity.get(y).head} against ${quantity.get(x).head} of ${rows.length} rules`);
  scatterView.addEventListener("click", (event, item) => { if (item?.datum?.key) go(item.datum.key); });
}

// ---- table
let table = null;
const checkedGroups = () => [...document.querySelectorAll("input.group:checked")].map((box) => box.value);

function makeTable() {
  const term = $("term");
  const used = new Set(data.rules.flatMap((rule) => rule.terms));
  data.terms.filter((name) => used.has(name)).forEach((name) => term.append(h("option", { value: name }, name)));
  DataTable.ext.search.push((settings, cells, index, row, counter) => {
    const rule = byKey.get(settings.aoData[index].nTr.id);
    return checkedGroups().includes(rule.group) && (!term.value || rule.terms.includes(term.value));
  });
  const heads = [...document.querySelectorAll("#table thead th")];
  const first = heads.findIndex((head) => head.classList.contains(data.reported));
  table = new DataTable("#table", {
    paging: false, autoWidth: false, info: false, order: [[first, "desc"]],
    layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
    columnDefs: [{ targets: heads.map((_, k) => k).filter((k) => k >= 3), orderSequence: ["desc", "asc"] }],
  });
  const again = () => {
    table.search($("find").value).draw();
    const n = table.rows({ search: "applied" }).count();
    $("count").textContent = `${n} of ${data.rules.length} rules`;
  };
  $("find").addEventListener("input", again);
  term.addEventListener("change", again);
  document.querySelectorAll("input.group").forEach((box) => box.addEventListener("change", () => { again(); drawScatter(); }));
  again();
}

function showSplit() { document.body.dataset.split = reportedSplit(); }

// ---- one rule, or two
function parts() {
  let hash = location.hash.slice(1);
  try { hash = decodeURIComponent(hash); } catch { /* as it is */ }
  return hash.split("+").filter((key) => byKey.has(key)).slice(0, 2);
}

function go(...keys) { location.hash = keys.filter(Boolean).join("+"); }

function options(label, chosen, none, change) {
  const select = h("select", { onchange: (event) => change(event.target.value) });
  if (none) select.append(h("option", { value: "" }, none));
  for (const rule of data.rules) select.append(h("option", { value: rule.key, selected: rule.key === chosen }, `${rule.name} (${rule.group})`));
  return h("label", {}, `${label} `, select);
}

async function show(focus) {
  const keys = parts();
  const detail = $("detail");
  document.querySelectorAll("#table tr.open").forEach((row) => row.classList.remove("open"));
  detail.hidden = !keys.length;
  for (const element of [...views.keys()]) if (element !== $("scatter")) { views.get(element).finalize(); views.delete(element); }
  if (!keys.length) { detail.replaceChildren(); return; }
  keys.forEach((key) => table.row(`#${CSS.escape(key)}`).node()?.classList.add("open"));
  const [a, b] = keys;
  const head = h("h2", { id: "detail-head", tabindex: "-1" }, b ? `${byKey.get(a).name} beside ${byKey.get(b).name}` : byKey.get(a).name);
  const step = (by) => {
    const order = table.rows({ search: "applied" }).nodes().toArray().map((row) => row.id);
    return order[(order.indexOf(a) + by + order.length) % order.length];
  };
  const bar = h("div", { class: "controls" },
    h("button", { type: "button", onclick: () => go(step(-1)) }, "← previous"),
    h("button", { type: "button", onclick: () => go(step(1)) }, "next →"),
    options("rule", a, null, (key) => go(key, b)),
    options("compare with", b, "no other", (key) => go(a, key)),
    h("a", { href: "#rules" }, "back to the table"));
  const columns = h("div", { class: b ? "two" : "one" }, ...keys.map((key) => ruleArticle(byKey.get(key))));
  detail.replaceChildren(head, bar, ...(b ? [difference(byKey.get(a), byKey.get(b))] : []), columns);
  if (focus) { head.focus({ preventScroll: true }); detail.scrollIntoView({ block: "start" }); }
  for (const article of columns.children) await drawRule(article, byKey.get(article.dataset.key));
}

function objectives(rule) {
  const splits = Object.keys(data.splits).filter((split) => rule.splits[split]);
  const rows = data.quantities.map((q) => h("tr", {}, h("th", { scope: "row" }, q.head),
    ...splits.map((split) => h("td", {}, text(of(rule, split, q.id), q.id)))));
  const counts = h("tr", {}, h("th", { scope: "row" }, "networks, scored trials"),
    ...splits.map((split) => h("td", {}, `${rule.splits[split].n_networks}, ${rule.splits[split].n_trials}`)));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `What was measured of ${rule.name}` },
    h("table", { class: "numbers" }, h("caption", {}, "Means ± standard errors over networks"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "quantity"), ...splits.map((split) => h("th", { scope: "col" }, data.splits[split])))),
      h("tbody", {}, ...rows, counts)));
}

// Mean and standard error of the paired differences over networks that both have seen.
function paired(a, b, split, id) {
  const [p, q] = [a.splits[split], b.splits[split]];
  if (!p?.by_network[id] || !q?.by_network[id]) return null;
  const other = new Map(q.networks.map((network, k) => [network, q.by_network[id][k]]));
  const values = p.networks.flatMap((network, k) => {
    const [left, right] = [p.by_network[id][k], other.get(network)];
    return left === null || right === null || right === undefined ? [] : [left - right];
  });
  if (!values.length) return null;
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  const square = values.reduce((s, v) => s + (v - mean) ** 2, 0);
  return { n: values.length, value: [mean, values.length > 1 ? Math.sqrt(square / (values.length - 1) / values.length) : null] };
}

function difference(a, b) {
  const split = reportedSplit();
  const rows = data.quantities.map((q) => {
    const found = paired(a, b, split, q.id);
    return h("tr", {}, h("th", { scope: "row" }, q.head), h("td", {}, found ? text(found.value, q.id, true) : "–"),
      h("td", {}, text(of(a, split, q.id), q.id)), h("td", {}, text(of(b, split, q.id), q.id)), h("td", {}, found ? String(found.n) : "0"));
  });
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Differences" },
    h("table", { class: "numbers", id: "difference" }, h("caption", {}, `On ${data.splits[split]}; differences are paired by network, ± their standard error`),
      h("thead", {}, h("tr", {}, ...["quantity", "difference", a.name, b.name, "pairs"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...rows)));
}

function code(title, source, file) {
  const block = h("pre", { tabindex: "0" }, h("code", {}, source));
  const said = h("span", { role: "status", class: "note" });
  const copy = async () => {
    try { await navigator.clipboard.writeText(source); }
    catch {
      const range = document.createRange();
      range.selectNodeContents(block);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    said.textContent = ` ${file} copied`;
  };
  return h("details", { class: "code" }, h("summary", {}, title), h("p", {}, h("button", { type: "button", onclick: copy }, "copy"), said), block);
}

function ruleArticle(rule) {
  const own = details[rule.key];
  const article = h("article", { "data-key": rule.key, "aria-label": rule.name });
  const formula = h("p", { class: "big" });
  formula.innerHTML = own.formula;
  const facts = [rule.group, rule.origin, rule.flag ? `in some network it ${rule.flag}` : "", rule.best ? "best of its kind on the networks of the choice" : ""];
  article.append(
    h("h3", {}, rule.name), formula,
    h("p", {}, h("code", { class: "plain-formula" }, rule.formula), ` · ${facts.filter(Boolean).join(" · ")}. Readout threshold φ ${rule.phi.toPrecision(3)}.`),
    ...(rule.note ? [h("p", { class: "note" }, rule.note)] : []),
    objectives(rule),
    h("h4", {}, "Coefficients by cell type"), h("p", { class: "note prior" }), h("div", { class: "maps" }),
    h("h4", {}, "Time constants by cell type"), h("div", { class: "taus chart" }),
    h("h4", {}, "Learning curve"), h("div", { class: "curve chart" }),
    h("h4", {}, "Rates by cell type and change of weights"), h("div", { class: "behaviour" }),
    h("h4", {}, "Code"),
    code("Brian2 (a complete script)", own.brian2, "Brian2 script"),
    own.nest ? code("NEST", own.nest, "NEST code") : h("p", { class: "note nest" }, data.notes.nest));
  return article;
}

// ---- the charts of one rule
function priorText(rule) {
  const drawn = `line: the ${data.prior.name} prior of random rules`;
  if (rule.group === "random") return `Bars: this rule's coefficients; ${drawn}, from which it was drawn.`;
  if (rule.group === "evolved" && data.algorithm === "families") return `Bars: this rule's coefficients; ${drawn}, for comparison: a family starts with all coefficients at 0.`;
  if (rule.group === "evolved") return `Bars: this rule's coefficients; ${drawn}, with which the search started.`;
  return `Bars: this rule's coefficients, set by hand; ${drawn}, for comparison.`;
}

function shares(values) {
  const counts = new Array(data.edges.length - 1).fill(0);
  for (const value of values) counts[Math.min(counts.length - 1, Math.floor(((value + 1) / 2) * counts.length))] += 1;
  return counts.map((count) => count / values.length);
}


function mapSpec(term, room, title = "coefficient", limit = 1) {
  const cell = Math.max(9, Math.min(17, Math.floor((room - 90) / data.types.length)));
  const [rows, columns] = term.kind === "pair" ? [data.types, data.types] : term.kind === "pre" ? [data.types, ["all targets"]] : term.kind === "post" ? [["all sources"], data.types] : [["all"], ["all"]];
  const value = (i, j) => (term.kind === "pair" ? term.values[i][j] : term.kind === "pre" ? term.values[i] : term.kind === "post" ? term.values[j] : term.values);
  const values = rows.flatMap((source, i) => columns.map((target, j) => ({ source, target, value: value(i, j), tip: `${source} → ${target}: ${value(i, j)}` }))).filter((cell) => cell.value !== null);
  return {
    width: cell * columns.length * (columns.length === 1 ? 3 : 1), height: cell * rows.length * (rows.length === 1 ? 2 : 1),
    data: { values }, mark: { type: "rect", stroke: "#ddd", strokeWidth: 0.5 },
    encoding: {
      x: { field: "target", type: "ordinal", sort: columns, title: columns.length > 1 ? "target type" : null, axis: { grid: false, labelAngle: -90, labelFontSize: Math.min(10, cell), orient: "top" } },
      y: { field: "source", type: "ordinal", sort: rows, title: rows.length > 1 ? "source type" : null, axis: { grid: false, labelFontSize: Math.min(10, cell) } },
      color: {
        field: "value", type: "quantitative",
        scale: { domain: [-limit, 0, limit], clamp: true, range: ["#0072B2", "#ffffff", "#D55E00"], interpolate: "rgb" },
        legend: { title, orient: "bottom", gradientLength: 150, format: ".1f", values: [-1, -0.5, 0, 0.5, 1].map((share) => share * limit) },
      },
      tooltip: { field: "tip" },
    },
  };
}

function histogramSpec(term, room) {
  const own = shares([term.values].flat(2));
  const bins = own.map((share, k) => ({ from: data.edges[k], to: data.edges[k + 1], share, prior: data.prior.share[k] }));
  const steps = bins.flatMap((bin) => [{ at: bin.from, prior: bin.prior }, { at: bin.to, prior: bin.prior }]);
  return {
    width: Math.max(140, Math.min(230, room - 70)), height: 130,
    layer: [
      { data: { values: bins }, mark: { type: "bar", color: "#56B4E9" }, encoding: { x: { field: "from", type: "quantitative", title: "coefficient", scale: { domain: [-1, 1] } }, x2: { field: "to" }, y: { field: "share", type: "quantitative", title: "share" } } },
      { data: { values: steps }, mark: { type: "line", color: "black", strokeWidth: 1.5 }, encoding: { x: { field: "at", type: "quantitative" }, y: { field: "prior", type: "quantitative" } } },
    ],
  };
}

async function drawRule(article, rule) {
  const own = details[rule.key];
  const room = article.clientWidth;
  const maps = article.querySelector(".maps");
  article.querySelector(".prior").textContent = own.terms.length ? priorText(rule) : "No term is on: weights stay as built.";
  for (const [n, term] of own.terms.entries()) {
    const [map, histogram] = [h("div", { class: "chart" }), h("div", { class: "chart" })];
    const flat = [term.values].flat(2);
    const mean = flat.reduce((s, v) => s + v, 0) / flat.length;
    maps.append(h("figure", {}, h("figcaption", {}, h("b", {}, `(${n + 1}) ${term.name}`), ` · ${flat.length} coefficient${flat.length > 1 ? "s" : ""}, mean ${mean.toFixed(2)}`), h("div", { class: "pair" }, map, histogram)));
    await draw(map, mapSpec(term, room), `Coefficients of ${term.name} of ${rule.name} by cell type, mean ${mean.toFixed(2)}`);
    await draw(histogram, histogramSpec(term, room), `Distribution of the coefficients of ${term.name}`);
  }
  await drawTaus(article.querySelector(".taus"), own, rule, room);
  await drawCurve(article.querySelector(".curve"), own.curve, rule, room);
  await drawBehaviour(article.querySelector(".behaviour"), own.behaviour, rule, room);
}

async function drawTaus(element, own, rule, room) {
  const used = (letter) => rule.terms.some((name) => name.includes(letter));
  const traces = [["X", "spike trace X", own.tau_E_ms], ["R", "reward trace R", own.tau_R_ms]].filter(([letter]) => used(letter));
  if (!traces.length) { element.textContent = "No active term has a trace, so the time constants have no effect."; return; }
  const names = traces.map(([, trace]) => trace);
  const values = traces.flatMap(([, trace, taus]) => taus.map((tau, k) => ({ trace, tau, type: data.types[k], tip: `${data.types[k]}, ${trace}: ${tau} ms` })));
  await draw(element, {
    width: Math.max(180, Math.min(420, room - 110)), height: 15 * data.types.length, data: { values },
    mark: { type: "point", filled: true, size: 55, opacity: 1 },
    encoding: {
      x: { field: "tau", type: "quantitative", title: "time constant (ms)", scale: { domain: [0, 150] } },
      y: { field: "type", type: "ordinal", sort: data.types, title: "cell type" },
      color: { field: "trace", type: "nominal", title: null, scale: { domain: names, range: ["#0072B2", "#E69F00"] }, legend: { orient: "top", symbolOpacity: 1 } },
      shape: { field: "trace", type: "nominal", title: null, scale: { domain: names, range: ["circle", "triangle-up"] } },
      tooltip: { field: "tip" },
    },
  }, `Time constants of ${rule.name} by cell type`);
}

const errorLayers = (x, y, low, high, stroke) => [
  { mark: { type: "rule", color: stroke }, encoding: { x, y: { ...y, field: low }, y2: { field: high } } },
  { mark: { type: "line", color: stroke, point: { filled: true, color: stroke } }, encoding: { x, y } },
];

async function drawCurve(element, curve, rule, room) {
  if (!curve) { element.append(h("p", { class: "note" }, data.notes.curve)); return; }
  element.append(h("p", { class: "note" }, `Means ± standard errors over ${curve.n_networks} networks, plasticity off in every test; dashed: trials of the search.`));
  const row = h("div", { class: "pair" });
  element.append(row);
  for (const panel of curve.panels) {
    const values = curve.trials.map((trials, k) => ({ trials, mean: panel.mean[k], low: panel.mean[k] - (panel.se[k] ?? 0), high: panel.mean[k] + (panel.se[k] ?? 0) })).filter((v) => v.mean !== null);
    const x = { field: "trials", type: "quantitative", title: "training trials" };
    const y = { field: "mean", type: "quantitative", title: panel.label, scale: { zero: false } };
    const place = h("div", { class: "chart" });
    row.append(place);
    await draw(place, {
      width: Math.max(150, Math.min(230, room - 80)), height: 150,
      layer: [{ data: { values: [{ at: curve.searched }] }, mark: { type: "rule", strokeDash: [4, 3], color: "#7F7F7F" }, encoding: { x: { field: "at", type: "quantitative" } } },
        ...errorLayers(x, y, "low", "high", colour[rule.group]).map((layer) => ({ data: { values }, ...layer }))],
    }, `${panel.label} of ${rule.name} against training trials`);
  }
}

async function drawBehaviour(element, behaviour, rule, room) {
  const split = rule.splits[reportedSplit()] ? reportedSplit() : Object.keys(rule.splits)[0];
  const said = data.besides.map((id) => `${quantity.get(id).head} ${text(of(rule, split, id), id)}`).join("; ");
  element.append(h("p", {}, `Over all types, after training, on ${data.splits[split]}: ${said}.`));
  if (!behaviour) { element.append(h("p", { class: "note" }, data.notes.behaviour)); return; }
  const { rates, weights, n_networks } = behaviour;
  const [left, right] = [h("div", { class: "chart rates" }), h("div", { class: "chart weights" })];
  element.append(h("p", { class: "note" }, `By cell type, ${n_networks} networks that chose nothing. Left: rates, bars are standard errors over networks, ticks the rate without plasticity. Right: mean of the natural logarithm of strength after over before training, colours end at ±2; blank where no such synapse is.`),
    h("div", { class: "pair" }, left, right));
  const values = data.types.map((type, k) => ({ type, mean: rates.mean[k], low: rates.mean[k] - (rates.se[k] ?? 0), high: rates.mean[k] + (rates.se[k] ?? 0), still: rates.reference[k], tip: `${type}: ${text([rates.mean[k], rates.se[k]], "rate_hz")} Hz, without plasticity ${text([rates.reference[k], null], "rate_hz")} Hz` })).filter((row) => row.mean !== null);
  const y = { field: "type", type: "ordinal", sort: data.types, title: "cell type" };
  await draw(left, {
    width: Math.max(180, Math.min(340, room - 110)), height: 17 * data.types.length, data: { values },
    layer: [
      { mark: { type: "tick", color: "black", thickness: 2, size: 12 }, encoding: { x: { field: "still", type: "quantitative" }, y } },
      { mark: { type: "rule", color: colour[rule.group] }, encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" }, y } },
      { mark: { type: "point", filled: true, size: 55, opacity: 1, color: colour[rule.group] }, encoding: { x: { field: "mean", type: "quantitative", title: "rate (Hz)" }, y, tooltip: { field: "tip" } } },
    ],
  }, `Rates of ${rule.name} by cell type`);
  // A strength that fell to nothing would make all other changes white.
  const largest = Math.min(2, Math.max(0.1, ...weights.flat().filter((value) => value !== null).map(Math.abs)));
  await draw(right, mapSpec({ kind: "pair", values: weights }, room, "ln(after / before)", largest), `Change of weights of ${rule.name} by type pair`);
}

// ---- start
try {
  for (const library of await unpack("packed-libraries")) runScript(library);
  details = await unpack("packed-details");
} catch (error) {
  document.querySelector("header").append(h("p", { class: "warning" }, `Only the table is shown: this browser cannot unpack the page (${error.message}). Chrome 80, Firefox 113, Safari 16.4 and later can.`));
  return;
}
document.body.classList.remove("plain");
for (const axis of ["axis-x", "axis-y"]) data.quantities.forEach((q) => $(axis).append(h("option", { value: q.id }, q.head)));
$("axis-x").value = "complexity";
$("axis-y").value = "cross_accuracy";
showSplit();
makeTable();
for (const id of ["axis-x", "axis-y", "broken"]) $(id).addEventListener("change", drawScatter);
$("split").addEventListener("change", () => { showSplit(); drawScatter(); show(false); });
addEventListener("hashchange", () => show(true));
let waiting = null;
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return; // A phone's address bar comes and goes.
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(() => { drawScatter(); show(false); }, 200);
});
await drawScatter();
await show(parts().length > 0);
document.body.dataset.ready = "true";
})();
