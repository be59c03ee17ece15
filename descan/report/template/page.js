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
  const MAP_SIDE = 560;
  const MOST_ELEMENTS = 3000; // of an SVG; a canvas draws more at ease
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

  /** Whether a case is, or says, one of the points of a map in the area FIGURE:x0:x1:y0:y1. */
  function pointsIn(area) {
    const [name, ...edges] = area.split(":");
    const [x0, x1, y0, y1] = edges.map(Number);
    const points = rowsOf(figures[name]);
    const inside = points.filter(({ x, y }) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
    const key = (...parts) => JSON.stringify(parts);
    const items = new Set(inside.filter((p) => p.item_id).map((p) => key(p.model, p.item_id)));
    const phrases = new Set(inside.filter((p) => p.term).map((p) => key(p.model, p.term)));
    return (found) => items.has(key(found.model, found.item_id))
      || (phrases.size > 0 && saidPhrases(found).some((phrase) => phrases.has(key(found.model, phrase))));
  }

  /** What a map of words shows of a case: terms, and the words of actions. */
  function saidPhrases(found) {
    const characters = [...found.text];
    const words = ([start, end]) => characters.slice(start, end).join("").toLowerCase().replace(/\s+/g, " ").trim();
    const asserted = found.mentions.filter((m) => !(m[5] & (NEGATED | SCENE)));
    return asserted.map((m) => (m[2] === "a" ? words(m) : m[3]).slice(0, 200));
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
    if (picture?.startsWith("data:image/")) {
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
      description: found.n_repeats > 1 ? `${found.repeat + 1} of ${found.n_repeats}` : "",
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
    const named = ([key, value]) => key === "area" ? ["a part of a map"] : [`${key} `, isolated(spoken(value))];
    const parts = [...filter].flatMap((each) => [...named(each), " · "]);
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
    history.replaceState(history.state, "", address(filter));
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

  const rowsOf = (figure) => figure?.datasets?.rows ?? [];

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
    const isCanvas = rowsOf(figure).length > MOST_ELEMENTS;
    const hasBrush = figure.params?.some((param) => param.name === "brush");
    // The heading has the title, and the place says what is drawn; Vega would name every mark.
    const { title, ...untitled } = figure;
    const quiet = { ...untitled, config: { ...figure.config, aria: false } };
    if (hasBrush) quiet.width = quiet.height = Math.min(MAP_SIDE, place.closest("figure").clientWidth - 20);
    const spec = isCanvas ? painted(quiet, getComputedStyle(document.documentElement)) : quiet;
    const { view } = await vegaEmbed(place, spec, {
      mode: "vega-lite", renderer: isCanvas ? "canvas" : "svg", tooltip: showValues,
      ast: true, actions: false, defaultStyle: false, logLevel: ERRORS,
    });
    place.view = view;
    if (!isCanvas && !hasBrush) enlarge(place.querySelector("svg"));
    view.addEventListener("click", (event, item) => {
      const filter = filterOf(item?.datum);
      if (filter.size) go(address(filter));
    });
    if (hasBrush) followBrush(view, place);
  }

  /** Charts are as small as a journal wants them; a wide window has room. */
  function enlarge(picture) {
    const width = picture.viewBox.baseVal.width, room = picture.closest("figure").clientWidth;
    picture.setAttribute("width", Math.max(width, Math.min(MAGNIFIED * width, room)));
    picture.removeAttribute("height");
  }

  /** The cases of the brushed part of a map, listed without leaving the map. */
  function followBrush(view, place) {
    const name = place.dataset.chart;
    let waiting = 0;
    view.addSignalListener("brush", (_, { x, y }) => {
      clearTimeout(waiting);
      const rising = (edges) => [...edges].sort((a, b) => a - b).map((edge) => edge.toFixed(3));
      const area = x && y ? [name, ...rising(x), ...rising(y)].join(":") : "";
      waiting = setTimeout(() => {
        history.replaceState(history.state, "", address(new Map([["area", area]])));
        showCases();
        place.closest("figure").querySelector("output").replaceChildren(...(area ? [wayToCases()] : []));
      }, 300);
    });
  }

  function wayToCases() {
    const button = element("button", { type: "button" }, `Show the ${chosen.length.toLocaleString("en")} cases`);
    button.addEventListener("click", showHeading);
    return button;
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

  /** Leaves a mark at this place, so that Back returns to it. */
  function stay() {
    history.replaceState({ place: scrollY }, "");
  }

  function go(fragment) {
    stay();
    location.hash = fragment;
  }

  function follow() {
    const place = history.state?.place;
    hideTip();
    showCases();
    if (place !== undefined) scrollTo({ top: place, behavior: "instant" });
    else if (readFilter().size) showHeading();
  }

  function showHeading() {
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
  document.addEventListener("click", ({ target }) => target.closest("a[href^='#']") && stay());
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
