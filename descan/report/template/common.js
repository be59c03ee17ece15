// What every script of a page uses: the data in it, and the elements that it makes.

const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);

// A mention is [start, end, kind, name, category, flags, entry, negation cue, hedge cue, degree, side, AUs, region], and
// with witnesses a list of who tells its action on the face: [witness, 1 or 0].
const NEGATED = 1, HEDGED = 2, SCENE = 4, CONCLUSION = 8;

const spoken = (word) => String(word).replaceAll("_", " ");

// What a description says, and who read it so where that is not descan.
const spokenReading = ({ described, read_by }) => `${spoken(described) || "none"}${read_by ? `, as ${read_by} read it` : ""}`;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The small picture of a case that the page holds, if it is one. */
function heldPicture(address) {
  return address?.startsWith("data:image/") ? address : null;
}

// Texts come from models and strangers: they become text nodes, never markup.

const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

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
