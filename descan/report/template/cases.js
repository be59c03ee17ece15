// What the list of cases says of itself, and what the form offers to filter by.

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
    if (key === "action") for (const found of cases) for (const [, , ...told] of outcomes(found)) told.forEach((name) => names.add(name));
    byId(id).append(...[...names].sort().map((name) => new Option(spoken(name), name)));
  }
}
