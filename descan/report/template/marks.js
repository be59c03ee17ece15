// A description with its mentions marked.

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
  if (found.language) {
    paragraph.lang = found.language; // So that a browser takes the letters, and breaks the lines, of the language.
  }
  const edges = [...new Set(found.mentions.flatMap((m) => [m[0], m[1]]))].sort((a, b) => a - b);
  const offsets = utf16Offsets(found.text, edges);
  const shown = found.mentions.map((m, place) => [m, place]).filter(([m]) => offsets.has(m[0]) && offsets.has(m[1]));
  const starting = new Map(), open = new Set();
  for (const pair of shown) starting.set(pair[0][0], [...(starting.get(pair[0][0]) ?? []), pair]);
  let done = 0;
  const add = (end, edge) => {
    const nodes = visible(found.text.slice(done, end));
    paragraph.append(...(open.size && end > done ? [mark([...open], nodes, edge)] : nodes));
    done = end;
  };
  for (const edge of edges) {
    if (!offsets.has(edge)) break;
    add(offsets.get(edge), edge);
    for (const pair of open) if (pair[0][1] === edge) open.delete(pair);
    for (const pair of starting.get(edge) ?? []) open.add(pair);
  }
  open.clear();
  add(found.text.length);
  paragraph.querySelector("mark")?.setAttribute("tabindex", "0");
  return paragraph;
}

function mark(covering, nodes, edge) {
  const classes = new Set();
  for (const [m] of covering) {
    classes.add(m[2] === "a" ? "action" : "emotion");
    if (m[5] & NEGATED) classes.add("negated");
    if (m[5] & HEDGED) classes.add("hedged");
    if (m[5] & SCENE) classes.add("scene");
  }
  // Whether the face has what the text says, by each witness; told where a mention ends.
  const agreed = covering.flatMap(([m]) => m[1] === edge ? (m[13] ?? []).map(([, there]) => !there === !!(m[5] & NEGATED)) : []);
  if (agreed.length) classes.add(agreed.every(Boolean) ? "agrees" : agreed.some(Boolean) ? "divided" : "contradicts");
  const made = element("mark", { class: [...classes].join(" "), tabindex: "-1" }, ...nodes);
  made.dataset.mentions = covering.map(([, place]) => place).join(" ");
  made.mentions = covering.map(([m]) => m);
  return made;
}

function explain([, , kind, name, category, flags, entry, negation, hedge, degree, side, aus, , told]) {
  const lines = [kind === "a" ? `facial action: ${spoken(name)}${aus ? ` (AU ${aus})` : ""}` : `emotion term: ${name}`];
  if (category) lines.push(`category: ${category}`);
  lines.push(`found by: ${entry}`);
  if (flags & NEGATED) lines.push(`negated${negation ? ` by “${negation}”` : ""}`);
  if (flags & HEDGED) lines.push(`hedged${hedge ? ` by “${hedge}”` : ""}`);
  if (flags & SCENE) lines.push("of the scene, not the person");
  if (flags & CONCLUSION) lines.push("in the conclusion");
  if (degree || side) lines.push([degree, side].filter(Boolean).join(", "));
  for (const [witness, there] of told ?? []) lines.push(`${there ? "on the face" : "not on the face"} by ${witness}`);
  return lines.join("\n");
}

// What a mark means, under the pointer and under the keyboard.

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

/** Shows what the marks in a part of the page mean. */
function watchMarks(part) {
  part.addEventListener("mouseover", ({ target }) => target.closest("mark") ? showTip(target.closest("mark")) : hideTip());
  part.addEventListener("focusin", ({ target }) => target.tagName === "MARK" && showTip(target));
  part.addEventListener("focusout", hideTip);
  document.addEventListener("keydown", moveAlong);
}
