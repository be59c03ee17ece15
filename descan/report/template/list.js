// The list below a form that filters it, a batch at a time. Other scripts say what is listed (matching), and how (card).

const BATCH = 20;

const list = byId("list"), more = byId("more"), status = byId("status");
let chosen = [], nShown = 0;

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
