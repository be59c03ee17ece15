// What a case shows, and what the form offers to filter by.

function card(found) {
  const made = pictured(found, thumbnails);
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
    body.append(element("p", { class: "note" }, `Shortened for this page. The whole text has ${n} characters; it is in answers.parquet.`));
  }
  made.append(body);
  return made;
}

function outcomeOf(found) {
  const { model, gold, label, described, detail, evidence, shares } = found;
  return {
    model, gold: gold || "none", label: spoken(label) || "none", described: spoken(described) || "none",
    detail: spoken(detail), evidence: evidence === "none" ? "" : evidence,
    description: found.n_repeats > 1 ? `${found.repeat + 1} of ${found.n_repeats}` : "",
    "of its repeats": spoken(shares),
  };
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

function options(key) {
  const place = counts.columns.indexOf(key);
  const values = [...new Set(counts.rows.map((row) => row[place]))].filter(Boolean).sort();
  const has = (value) => values.includes(value);
  const known = key === "model" || key === "verdict" || key === "detail" ? [] : categories.filter(has);
  const others = values.filter((value) => !known.includes(value));
  return known.length ? [...known, ...others, NONE] : others;
}

function fillChoices() {
  for (const key of FIELDS) {
    const select = form.elements[key];
    select.append(new Option("any", ""), ...options(key).map((value) => new Option(spoken(value), value)));
  }
  for (const [key, id] of [["action", "known-actions"], ["term", "known-terms"]]) {
    const [kind, place] = MENTIONED[key];
    const names = new Set();
    for (const found of cases) for (const m of found.mentions) if (m[2] === kind) names.add(m[place]);
    byId(id).append(...[...names].sort().map((name) => new Option(spoken(name), name)));
  }
}
