// What every script of a page uses: the data in it, and the elements that it makes.

const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);

// A mention is [start, end, kind, name, category, flags, entry, negation cue, hedge cue, degree, side, AUs, region].
const NEGATED = 1, HEDGED = 2, SCENE = 4, CONCLUSION = 8;

const spoken = (word) => String(word).replaceAll("_", " ");

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
