// The page of a report: its address holds the filter, the filter gives the list of cases.
// Texts come from models and strangers: they become text nodes, never markup.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(byId(id).textContent);
  const { cases, counts, thumbnails } = read("page-data");
  const figures = read("page-charts");

  const CATEGORIES = ["Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"];
  const NONE = "none"; // gold, label or description without a category, for whatever reason
  const FIELDS = ["model", "gold", "label", "described", "verdict", "detail"];
  const KEYS = [...FIELDS, "evidence", "item", "action", "region", "term", "category", "words", "area"];
  const MENTIONED = { action: ["a", 3], region: ["a", 12], term: ["e", 3], category: ["e", 4] };
  const NEGATED = 1, HEDGED = 2, SCENE = 4, CONCLUSION = 8;
  const BATCH = 20;
  const MAGNIFIED = 1.4;
  const ERRORS = 1; // vega.Error, which the bundle does not hand out
  const spoken = (word) => String(word).replaceAll("_", " ");

  // ---- the filter, kept in the address ----

  function readFilter() {
    const filter = new Map();
    if (location.hash.includes("=")) {
      const given = new URLSearchParams(location.hash.slice(1));
      for (const key of KEYS) if (given.get(key)) filter.set(key, given.get(key));
    }
    return filter;
  }

  function address(filter) {
    return "#" + new URLSearchParams(KEYS.filter((key) => filter.get(key)).map((key) => [key, filter.get(key)]));
  }

  function isField(value, wanted) {
    return value === wanted || (wanted === NONE && value !== "Undecided" && !CATEGORIES.includes(value));
  }

  function mentions(found, key, wanted) {
    const [kind, place] = MENTIONED[key];
    return found.mentions.some((m) => m[2] === kind && m[place] === wanted && !(m[5] & (NEGATED | SCENE)));
  }

  function hasWords(found, words) {
    found.lower ??= `${found.item_id}\n${found.text}`.toLowerCase();
    return found.lower.includes(words.toLowerCase());
  }

  function matching(filter) {
    const inside = filter.has("area") ? pointsIn(filter.get("area")) : null;
    return cases.filter((found) => {
      for (const [key, wanted] of filter) {
        if (key === "area") { if (!inside(found)) return false; }
        else if (key === "item") { if (found.item_id !== wanted) return false; }
        else if (key === "words") { if (!hasWords(found, wanted)) return false; }
        else if (key in MENTIONED) { if (!mentions(found, key, wanted)) return false; }
        else if (!isField(found[key], wanted)) return false;
      }
      return true;
    });
  }

  /** How many there are in the whole analysis, or null where the page cannot know. */
  function countAll(filter) {
    const places = [...filter.keys()].map((key) => counts.columns.indexOf(key));
    if (places.includes(-1)) return null;
    const wanted = [...filter.values()];
    const isCounted = (row) => places.every((place, i) => isField(row[place], wanted[i]));
    return counts.rows.reduce((sum, row) => sum + (isCounted(row) ? row.at(-1) : 0), 0);
  }

  /** Whether a case is among the points of a map inside NAME:x0:x1:y0:y1. */
  function pointsIn(area) {
    const parts = area.split(":");
    const figure = figures[parts[0]];
    const brush = figure?.usermeta?.descan_brush;
    if (!brush) return () => false;
    const [x0, x1, y0, y1] = parts.slice(1).map(Number);
    const points = figure.datasets?.[brush.data] ?? figure.data.values;
    const inside = points.filter((p) => p[brush.x] >= x0 && p[brush.x] <= x1 && p[brush.y] >= y0 && p[brush.y] <= y1);
    const keys = new Set(inside.map((point) => JSON.stringify(brush.by.map((name) => point[name]))));
    if (brush.by.includes("item_id")) return (found) => keys.has(JSON.stringify(brush.by.map((name) => found[name])));
    return (found) => found.mentions.some((m) => !(m[5] & (NEGATED | SCENE)) && keys.has(JSON.stringify([m[3]])));
  }

  // ---- text, with what was read in it ----

  const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /** Text nodes; characters that cannot be seen or that reorder others stand there as their codes. */
  function visible(text) {
    const nodes = [];
    let done = 0;
    for (const match of text.matchAll(UNSEEN)) {
      const code = match[0].codePointAt(0);
      nodes.push(text.slice(done, match.index));
      nodes.push(element("span", { class: "control" }, `U+${code.toString(16).toUpperCase().padStart(4, "0")}`));
      done = match.index + match[0].length;
    }
    return [...nodes, text.slice(done)];
  }

  const isolated = (text) => element("bdi", {}, ...visible(text));

  /** UTF-16 offsets of code point offsets (Python counts code points), for `sorted` rising ones. */
  function utf16Offsets(text, sorted) {
    const offsets = new Map();
    let points = 0, units = 0;
    for (const wanted of sorted) {
      while (points < wanted && units < text.length) {
        units += text.codePointAt(units) > 0xffff ? 2 : 1;
        points += 1;
      }
      if (points === wanted) offsets.set(wanted, units);
    }
    return offsets;
  }

  function marked(found) {
    const paragraph = element("p", { class: "text" });
    const edges = [...new Set(found.mentions.flatMap((m) => [m[0], m[1]]))].sort((a, b) => a - b);
    const offsets = utf16Offsets(found.text, edges);
    const shown = found.mentions.map((m, place) => [m, place]).filter(([m]) => offsets.has(m[0]) && offsets.has(m[1]));
    const starting = new Map(), open = new Set();
    for (const pair of shown) starting.set(pair[0][0], [...(starting.get(pair[0][0]) ?? []), pair]);
    let done = 0;
    const add = (end) => {
      const nodes = visible(found.text.slice(done, end));
      paragraph.append(...(open.size && end > done ? [mark([...open], nodes)] : nodes));
      done = end;
    };
    for (const edge of edges) {
      if (!offsets.has(edge)) break;
      add(offsets.get(edge));
      for (const pair of open) if (pair[0][1] === edge) open.delete(pair);
      for (const pair of starting.get(edge) ?? []) open.add(pair);
    }
    open.clear();
    add(found.text.length);
    paragraph.querySelector("mark")?.setAttribute("tabindex", "0");
    return paragraph;
  }

  function mark(covering, nodes) {
    const classes = new Set();
    for (const [m] of covering) {
      classes.add(m[2] === "a" ? "action" : "emotion");
      if (m[5] & NEGATED) classes.add("negated");
      if (m[5] & HEDGED) classes.add("hedged");
      if (m[5] & SCENE) classes.add("scene");
    }
    const made = element("mark", { class: [...classes].join(" "), tabindex: "-1" }, ...nodes);
    made.dataset.mentions = covering.map(([, place]) => place).join(" ");
    made.mentions = covering.map(([m]) => m);
    return made;
  }

  function explain([, , kind, name, category, flags, entry, negation, hedge, degree, side, aus]) {
    const lines = [kind === "a" ? `facial action: ${spoken(name)}${aus ? ` (AU ${aus})` : ""}` : `emotion term: ${name}`];
    if (category) lines.push(`category: ${category}`);
    lines.push(`found by: ${entry}`);
    if (flags & NEGATED) lines.push(`negated${negation ? ` by “${negation}”` : ""}`);
    if (flags & HEDGED) lines.push(`hedged${hedge ? ` by “${hedge}”` : ""}`);
    if (flags & SCENE) lines.push("of the scene, not the person");
    if (flags & CONCLUSION) lines.push("in the conclusion");
    if (degree || side) lines.push([degree, side].filter(Boolean).join(", "));
    return lines.join("\n");
  }

  // ---- the list of cases ----

  const list = byId("list"), more = byId("more"), status = byId("status"), form = byId("filters");
  let chosen = [], nShown = 0;

  function card(found) {
    const made = element("article", { class: "case" });
    const picture = thumbnails[found.thumbnail];
    if (picture) {
      made.append(element("div", {}, element("img", { src: picture, alt: `Item ${found.item_id}`, loading: "lazy" })));
    } else made.classList.add("plain");
    const link = element("a", { href: address(new Map([["item", found.item_id], ["model", found.model]])) });
    link.append(isolated(found.item_id));
    const outcome = element("p", { class: "outcome" });
    outcome.append(element("span", { class: `badge verdict-${found.verdict.replaceAll("_", "-")}` }, spoken(found.verdict)));
    for (const [name, value] of Object.entries(outcomeOf(found))) {
      if (value) outcome.append(element("span", {}, element("i", {}, `${name} `), element("b", {}, isolated(value))));
    }
    const body = element("div", {}, element("h3", {}, link), outcome, found.text ? marked(found) : element("p", {}, "No description."));
    if (found.n_characters > [...found.text].length) {
      const n = found.n_characters.toLocaleString("en");
      body.append(element("p", { class: "note" }, `Cut for this page; the whole text has ${n} characters and is in answers.parquet.`));
    }
    made.append(body);
    return made;
  }

  function outcomeOf(found) {
    const { model, gold, label, described, detail, evidence } = found;
    return {
      model, gold: gold || "none", label: spoken(label) || "none", described: spoken(described) || "none",
      detail: spoken(detail), evidence: evidence === "none" ? "" : evidence,
    };
  }

  function showMore() {
    const next = chosen.slice(nShown, nShown + BATCH);
    nShown += next.length;
    list.append(...next.map(card));
    more.hidden = nShown >= chosen.length;
  }

  function showCases() {
    const filter = readFilter();
    chosen = matching(filter);
    nShown = 0;
    list.replaceChildren();
    status.replaceChildren(...summary(filter));
    fillForm(filter);
    showMore();
  }

  function summary(filter) {
    const n = (count) => count.toLocaleString("en");
    const all = countAll(filter);
    const parts = [...filter].map(([key, value]) => [`${key} `, isolated(spoken(value)), " · "]).flat();
    if (all === null) return [...parts, `${n(chosen.length)} of the ${n(cases.length)} cases on this page`];
    if (all === chosen.length) return [...parts, all === 1 ? "1 case" : `${n(all)} cases`];
    return [...parts, `${n(chosen.length)} of ${n(all)} are on this page; all are in verdicts.parquet and answers.parquet`];
  }

  // ---- the form ----

  function options(key) {
    const place = counts.columns.indexOf(key);
    const values = [...new Set(counts.rows.map((row) => row[place]))].filter(Boolean).sort();
    const has = (value) => values.includes(value);
    const known = key === "model" || key === "verdict" || key === "detail" ? [] : CATEGORIES.filter(has);
    const others = values.filter((value) => !known.includes(value));
    return known.length ? [...known, ...others, NONE] : others;
  }

  function fillChoices() {
    for (const key of FIELDS) {
      const select = form.elements[key];
      select.append(new Option("any", ""), ...options(key).map((value) => new Option(spoken(value), value)));
    }
    for (const [key, id] of [["action", "actions"], ["term", "terms"]]) {
      const [kind, place] = MENTIONED[key];
      const names = new Set();
      for (const found of cases) for (const m of found.mentions) if (m[2] === kind) names.add(m[place]);
      byId(id).append(...[...names].sort().map((name) => new Option(spoken(name), name)));
    }
  }

  function fillForm(filter) {
    for (const key of [...FIELDS, "action", "term", "words"]) {
      const field = form.elements[key];
      if (field !== document.activeElement) field.value = filter.get(key) ?? "";
    }
  }

  function applyForm() {
    const filter = readFilter();
    for (const key of [...FIELDS, "action", "term", "words"]) filter.set(key, form.elements[key].value.trim());
    history.replaceState(null, "", address(filter));
    showCases();
  }

  function reset(event) {
    event.preventDefault();
    history.pushState(null, "", "#cases");
    showCases();
  }

  // ---- what a mark means, under the pointer and under the keyboard ----

  const tip = byId("tip");

  function showTip(target) {
    tip.replaceChildren(...visible(target.mentions.map(explain).join("\n\n")));
    tip.hidden = false;
    target.setAttribute("aria-describedby", "tip");
    place(target.getClientRects()[0]);
  }

  function place(box) {
    const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    const fits = box.bottom + tip.offsetHeight + 12 < innerHeight;
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${(fits ? box.bottom + 6 : box.top - tip.offsetHeight - 6) + scrollY}px`;
  }

  function hideTip() {
    tip.hidden = true;
    document.querySelector("[aria-describedby=tip]")?.removeAttribute("aria-describedby");
  }

  function moveAlong(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") hideTip();
    if (!step || event.target.tagName !== "MARK") return;
    const marks = [...event.target.closest(".text").querySelectorAll("mark")];
    const next = marks[marks.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  // ---- pictures ----

  function showValues(handler, event, item, value) {
    if (value === null || value === undefined || value === "") return hideTip();
    const lines = typeof value === "object" ? Object.entries(value).map(([name, each]) => `${name}: ${each}`) : [String(value)];
    tip.replaceChildren(...visible(lines.join("\n")));
    tip.hidden = false;
    place({ left: event.clientX + 10, top: event.clientY, bottom: event.clientY + 8 });
  }

  /** Colours instead of tokens, for a canvas, which knows no custom properties. */
  function painted(value, style) {
    const colour = (token, name) => style.getPropertyValue(name) || token;
    return JSON.parse(JSON.stringify(value).replace(/var\((--[\w-]+)\)/g, colour));
  }

  function filterOf(datum) {
    const filter = new Map();
    if (!datum?.cell_kind) return filter;
    for (const key of ["model", "gold"]) if (datum[key] && datum[key] !== "all") filter.set(key, String(datum[key]));
    return filter.set(datum.cell_kind, String(datum.value));
  }

  async function draw(place) {
    const figure = figures[place.dataset.chart];
    const isCanvas = figure.usermeta?.descan_renderer === "canvas";
    const { title, ...untitled } = figure;
    const spec = isCanvas ? painted(untitled, getComputedStyle(document.documentElement)) : untitled;
    const settings = { mode: "vega-lite", ast: true, actions: false, defaultStyle: false, logLevel: ERRORS, tooltip: showValues };
    const { view } = await vegaEmbed(place, spec, { ...settings, renderer: isCanvas ? "canvas" : "svg" });
    place.view = view;
    if (!isCanvas && !figure.usermeta?.descan_brush) enlarge(place.querySelector("svg"));
    view.addEventListener("click", (event, item) => {
      const filter = filterOf(item?.datum);
      if (filter.size) location.hash = address(filter);
    });
    if (figure.usermeta?.descan_brush) followBrush(view, place.dataset.chart, figure.usermeta.descan_brush);
  }

  /** Charts are as small as a journal wants them; a wide window has room. */
  function enlarge(picture) {
    const width = picture.viewBox.baseVal.width, room = picture.parentElement.parentElement.clientWidth;
    picture.setAttribute("width", Math.max(width, Math.min(MAGNIFIED * width, room)));
    picture.removeAttribute("height");
  }

  function followBrush(view, name, { x, y }) {
    let waiting = 0;
    view.addSignalListener("brush", (_, brush) => {
      clearTimeout(waiting);
      if (!brush?.[x] || !brush?.[y]) return;
      const area = [...brush[x], ...brush[y]].map((edge) => edge.toFixed(3));
      const ordered = [...area.slice(0, 2).sort((a, b) => a - b), ...area.slice(2).sort((a, b) => a - b)];
      waiting = setTimeout(() => {
        history.replaceState(null, "", address(new Map([["area", [name, ...ordered].join(":")]])));
        showCases();
      }, 300);
    });
  }

  const inSight = new IntersectionObserver((entries) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      inSight.unobserve(target);
      draw(target);
    }
  }, { rootMargin: "400px" });

  function redrawCanvases() {
    for (const canvas of document.querySelectorAll(".chart canvas")) draw(canvas.closest(".chart"));
  }

  // ---- the theme ----

  const theme = byId("theme"), prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";

  function nameTheme() {
    theme.textContent = isDark() ? "Light" : "Dark";
    redrawCanvases();
  }

  // ---- start ----

  function follow() {
    hideTip();
    showCases();
    if (!readFilter().size) return;
    const heading = byId("cases-title");
    heading.focus({ preventScroll: true });
    heading.scrollIntoView();
  }

  theme.hidden = false;
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  prefersDark.addEventListener("change", nameTheme);
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => document.querySelectorAll(".chart:empty").forEach(draw));
  form.addEventListener("input", applyForm);
  form.addEventListener("reset", reset);
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", showMore);
  new IntersectionObserver(([entry]) => entry.isIntersecting && showMore(), { rootMargin: "300px" }).observe(more);
  list.addEventListener("mouseover", ({ target }) => target.closest("mark") ? showTip(target.closest("mark")) : hideTip());
  list.addEventListener("focusin", ({ target }) => target.tagName === "MARK" && showTip(target));
  list.addEventListener("focusout", hideTip);
  document.addEventListener("keydown", moveAlong);
  document.querySelectorAll(".chart").forEach((place) => inSight.observe(place));
  fillChoices();
  nameTheme();
  follow();
})();
