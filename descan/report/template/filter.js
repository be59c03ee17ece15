// Which cases are listed: the address of the page holds the filter, so that it can be shared and Back works.

const { cases, counts, thumbnails, categories } = read("page-data");
const figures = read("page-charts");
const rowsOf = (figure) => figure?.datasets?.rows ?? [];

const pictureOf = (found) => heldPicture(thumbnails[found.thumbnail]);

const NONE = "none"; // gold, label or description without a category, for whatever reason
const FIELDS = ["model", "gold", "label", "described", "verdict", "detail"];
const TYPED = ["action", "term", "words", ...(byId("on-face") ? ["outcome"] : [])];
const KEYS = [...FIELDS, "evidence", "item", "action", "region", "term", "category", "words", "area", "outcome", "witness"];

const MENTIONED = { action: ["a", 3], region: ["a", 12], term: ["e", 3], category: ["e", 4] };

function isField(value, wanted) {
  return value === wanted || (wanted === NONE && value !== "Undecided" && !categories.includes(value));
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
  const isWitnessed = filter.has("outcome") || filter.has("witness"); // The action is then that of the outcome.
  return cases.filter((found) => {
    if (isWitnessed && !hasOutcome(found, filter)) return false;
    for (const [key, wanted] of filter) {
      if (key === "outcome" || key === "witness" || (key === "action" && isWitnessed)) continue;
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
