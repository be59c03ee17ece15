// The list below a form that filters it, a batch at a time; the address of the page holds the filter. Other scripts say
// what is listed (matching), how (card), and by what it is filtered (KEYS; FIELDS to choose and TYPED to type).

const BATCH = 20;

const list = byId("list"), more = byId("more"), status = byId("status"), form = byId("filters");
let chosen = [], nShown = 0;

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
function pictured(found, thumbnails) {
  const made = element("article", { class: "case" });
  const picture = thumbnails[found.thumbnail];
  if (picture?.startsWith("data:image/")) {
    made.append(element("div", {}, element("img", { src: picture, alt: `Item ${found.item_id}`, loading: "lazy" })));
  } else made.classList.add("plain");
  return made;
}
