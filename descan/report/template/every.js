// Every case of an analysis, asked for from the server a page at a time.

const { counts, categories, names, assertions, has_pictures: HAS_PICTURES, page_size: PAGE_SIZE } = read("page-data");

const NONE = "none"; // gold, label or description without a category, for whatever reason
const FIELDS = ["model", "gold", "label", "described", "verdict", "detail", "evidence", "assertion"];
const TYPED = ["action", "region", "term", "category", "words"];
const KEYS = [...FIELDS, "item", ...TYPED];
const WAIT_MS = 200;

const list = byId("list"), more = byId("more"), status = byId("status"), download = byId("download");
let nShown = 0, nFound = 0, asked = 0, isWaiting = false, typed;

const pictureOf = (found) => HAS_PICTURES && found.has_media ? `pictures/${found.place}` : null;

function query(filter, more = {}) {
  return new URLSearchParams([...filter, ...Object.entries(more)]).toString();
}

/** Shows the next page of what the address of this page filters by; of several requests only the last one counts. */
async function showMore() {
  if (isWaiting || (nShown && nShown >= nFound)) return;
  const filter = readFilter(), ticket = asked;
  isWaiting = true;
  try {
    const response = await fetch(`cases?${query(filter, { start: nShown, size: PAGE_SIZE })}`);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    const found = await response.json();
    if (ticket !== asked) return;
    nFound = found.n;
    nShown += found.cases.length;
    list.append(...found.cases.map(card));
    status.replaceChildren(...summary(filter));
    list.dataset.shown = nShown;
  } catch (error) {
    if (ticket === asked) status.textContent = `The cases cannot be read: ${error.message}. Is descan review still running?`;
  } finally {
    if (ticket === asked) isWaiting = false;
    more.hidden = nShown >= nFound;
  }
}

function showCases() {
  asked += 1;
  clearTimeout(typed);
  typed = setTimeout(() => {
    nShown = nFound = 0;
    isWaiting = false;
    list.replaceChildren();
    const filter = readFilter();
    fillForm(filter);
    download.href = `cases.csv?${query(filter)}`;
    showMore();
  }, list.children.length ? WAIT_MS : 0);
}

function summary(filter) {
  const parts = [...filter].flatMap(([key, value]) => [`${key} `, isolated(spoken(value)), " · "]);
  const none = filter.size ? "0 cases: nothing is like that, or nothing is called that" : "0 cases";
  return [...parts, nFound === 0 ? none : nFound === 1 ? "1 case" : `${nFound.toLocaleString("en")} cases`];
}

function options(key) {
  if (key === "assertion") return assertions;
  const place = counts.columns.indexOf(key);
  const values = [...new Set(counts.rows.map((row) => row[place]))].filter(Boolean).sort();
  const known = ["gold", "label", "described"].includes(key) ? categories.filter((name) => values.includes(name)) : [];
  const others = values.filter((value) => !known.includes(value));
  return known.length ? [...known, ...others, NONE] : others;
}

function fillChoices() {
  for (const key of FIELDS) {
    form.elements[key].append(new Option("any", ""), ...options(key).map((value) => new Option(spoken(value), value)));
  }
  for (const key of TYPED) {
    byId(`known-${key}`)?.append(...names[key].map((name) => new Option(spoken(name), name)));
  }
}
