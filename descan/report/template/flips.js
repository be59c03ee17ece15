// The items whose verdict changed: what each shows of A and of B, and by what they are filtered.

const { flips, counts, thumbnails } = read("page-data");

const pictureOf = (found) => heldPicture(thumbnails[found.thumbnail]);

const FIELDS = ["model", "gold", "from", "to"];
const TYPED = ["words"];
const KEYS = [...FIELDS, "item", "words"];
const NAMES = { from: "in A", to: "in B" };

function card(found) {
  const made = pictured(found, pictureOf(found));
  const link = element("a", { href: address(new Map([["item", found.item_id], ["model", found.model]])) });
  link.append(isolated(found.item_id));
  const outcome = element("p", { class: "outcome" });
  outcome.append(badge(found.from), " → ", badge(found.to));
  for (const [name, value] of Object.entries({ model: found.model, gold: found.gold, group: found.group })) {
    if (value) outcome.append(fact(name, value));
  }
  const sides = element("div", { class: "sides" }, side("A", found.a, found.b), side("B", found.b, found.a));
  made.append(element("div", {}, element("h3", {}, link), outcome, sides));
  return made;
}

const badge = (verdict) => element("span", { class: `badge verdict-${verdict.replaceAll("_", "-")}` }, spoken(verdict));

const fact = (name, value) => element("span", {}, element("i", {}, `${name} `), element("b", {}, isolated(value)));

function side(name, found, other) {
  const outcome = element("p", { class: "outcome" });
  const repeat = found.n_repeats > 1 ? `${found.repeat + 1} of ${found.n_repeats}` : "";
  const facts = {
    label: spoken(found.label), described: spokenReading(found), detail: spoken(found.detail),
    description: repeat,
  };
  for (const [key, value] of Object.entries(facts)) if (value) outcome.append(fact(key, value));
  const made = element("section", { "aria-label": name }, element("h4", {}, name), outcome);
  if (found.reply && found.reply !== found.label) {
    made.append(element("p", { class: "reply" }, "reply: ", isolated(found.reply)));
  }
  if (name === "B" && found.text && found.text === other.text) made.append(element("p", { class: "reply" }, "the same text as in A"));
  made.append(found.text ? marked(found) : element("p", {}, "No description."));
  if (found.n_characters > [...found.text].length) {
    const n = found.n_characters.toLocaleString("en");
    made.append(element("p", { class: "note" }, `Shortened for this page. The whole text has ${n} characters; it is in answers.parquet.`));
  }
  return made;
}

function hasWords(found, words) {
  found.lower ??= `${found.item_id}\n${found.a.text}\n${found.b.text}`.toLowerCase();
  return found.lower.includes(words.toLowerCase());
}

function matching(filter) {
  const is = (found, key, wanted) => key === "words" ? hasWords(found, wanted) : found[key === "item" ? "item_id" : key] === wanted;
  return flips.filter((found) => [...filter].every(([key, wanted]) => is(found, key, wanted)));
}

/** How many flips there are in the whole comparison, or null where the page cannot know. */
function countAll(filter) {
  const places = [...filter.keys()].map((key) => counts.columns.indexOf(key));
  if (places.includes(-1)) return null;
  const wanted = [...filter.values()];
  const isCounted = (row) => places.every((place, i) => row[place] === wanted[i]);
  return counts.rows.reduce((sum, row) => sum + (isCounted(row) ? row.at(-1) : 0), 0);
}

function summary(filter) {
  const n = (count) => count.toLocaleString("en");
  const all = countAll(filter);
  const parts = [...filter].flatMap(([key, value]) => [`${NAMES[key] ?? key} `, isolated(spoken(value)), " · "]);
  if (all === null) return [...parts, `${n(chosen.length)} of the ${n(flips.length)} flips on this page`];
  if (all === chosen.length) return [...parts, all === 1 ? "1 flip" : `${n(all)} flips`];
  return [...parts, `${n(chosen.length)} of ${n(all)} are on this page; all are in tables/flips.csv`];
}

function fillChoices() {
  for (const key of FIELDS) {
    const place = counts.columns.indexOf(key);
    const values = [...new Set(counts.rows.map((row) => row[place]))].filter(Boolean);
    form.elements[key].append(new Option("any", ""), ...values.map((value) => new Option(spoken(value), value)));
  }
}
