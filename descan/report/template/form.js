// The form that filters a list; the address of the page holds the filter. Other scripts say by what it is filtered (KEYS;
// FIELDS to choose and TYPED to type), and what is listed (showCases).

const form = byId("filters");

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

function fillForm(filter) {
  for (const key of [...FIELDS, ...TYPED]) {
    const field = form.elements[key];
    if (field !== document.activeElement) field.value = filter.get(key) ?? "";
  }
}

function applyForm() {
  const filter = readFilter();
  for (const key of [...FIELDS, ...TYPED]) filter.set(key, form.elements[key].value.trim());
  history.replaceState(history.state, "", address(filter));
  showCases();
}

function reset(event) {
  event.preventDefault();
  history.pushState(null, "", "#cases");
  showCases();
}

/** An article with the small picture of its item, if there is one. */
function pictured(found, picture) {
  const made = element("article", { class: "case" });
  if (picture) {
    const frame = element("div", {}, element("img", { src: picture, alt: `Item ${found.item_id}`, loading: "lazy" }));
    frame.firstChild.addEventListener("error", () => { frame.remove(); made.classList.add("plain"); });
    made.append(frame);
  } else made.classList.add("plain");
  return made;
}
