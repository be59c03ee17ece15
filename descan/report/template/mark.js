// One text after the other: what a reader says of it is saved before the next one is shown.

const { actions } = read("page-data");
const task = byId("task"), shown = byId("shown"), status = byId("status"), note = byId("note");
const choices = [...byId("choices").children], isSecond = byId("is-second"), action = byId("action");
let reader = new URLSearchParams(location.hash.slice(1)).get("reader") ?? "";
let place = null, second = "", isWaiting = false;
const actionsRead = new Map(); // action -> whether it is there

async function ask(path, what = {}) {
  if (isWaiting) return;
  isWaiting = true;
  try {
    const body = JSON.stringify({ reader, ...what });
    const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
    const found = await response.json();
    if (!response.ok) throw new Error(found.problem);
    show(found, path === "readings" ? "Saved. " : path === "undo" ? "Taken back. " : "");
  } catch (error) {
    const isLost = error instanceof TypeError;
    tellProblem(isLost ? "Not saved: descan review does not answer. Start it again and open its new address." : error.message);
    if (task.hidden) reader = "";
  } finally {
    isWaiting = false;
  }
}

function tellStatus(text) {
  status.textContent = text;
  status.classList.remove("warning");
}

function tellProblem(text) {
  tellStatus(text);
  status.classList.add("warning");
  status.scrollIntoView({ block: "nearest" });
}

function show(found, told) {
  place = found.place;
  byId("who").hidden = true;
  task.hidden = false;
  location.replace("#" + new URLSearchParams({ reader }));
  const isDone = place === null;
  shown.replaceChildren(...visible(found.text));
  shown.hidden = byId("rest").hidden = isDone;
  byId("finished").hidden = !isDone;
  if (found.language) shown.lang = found.language;
  else shown.removeAttribute("lang");
  const title = isDone ? `All ${found.n_read} texts are read` : `Text ${found.n_read + 1} of ${found.n}`;
  byId("task-title").textContent = title;
  byId("done").max = Math.max(found.n, 1);
  byId("done").value = found.n_read;
  byId("undo").disabled = !found.n_read;
  clear(found.before);
  tellStatus(told);
  byId("task-title").focus({ preventScroll: true });
  scrollTo({ top: 0 });
  showProgress();
}

function clear(before) {
  note.value = before?.note ?? "";
  actionsRead.clear();
  for (const name of before?.present ?? []) actionsRead.set(name, true);
  for (const name of before?.denied ?? []) actionsRead.set(name, false);
  action.value = "";
  setSecond(before?.second ?? "");
  isSecond.checked = false;
  showMarked();
  for (const button of choices) button.classList.toggle("before", before !== null && before !== undefined && button.dataset.value === before.described);
}

function setSecond(value) {
  second = value;
  byId("second").textContent = value ? `Second choice: ${value}.` : "";
}

async function showProgress() {
  try {
    const found = await (await fetch("progress")).json();
    byId("progress").textContent = found ? tell(found) : "";
  } catch {
    byId("progress").textContent = "";
  }
}

function tell({ half_width: width, n_more: n, least_half_width: least, n_models_left_out: nLeftOut }) {
  const others = nLeftOut ? ` (${nLeftOut === 1 ? "one model has" : `${nLeftOut} models have`} too few scored items for any interval)` : "";
  return measure(width, n, least) + others + ".";
}

function measure(width, n, least) {
  const points = (share) => `±${(100 * share).toFixed(1)} points`;
  if (least === null) return "Verdict shares have no interval: there are too few scored items";
  if (width === null) return "Verdict shares have no interval yet: each model needs readings in at least ten groups of items";
  const now = `The widest interval of a verdict share is ${points(width)} now`;
  if (n === 0) return `${now}; no more readings are needed for ±3 points`;
  if (n === null) return `${now}; the items are too few for ±3 points, even all readings leave ${points(least)}`;
  return `${now}; about ${n.toLocaleString("en")} more readings bring all to ±3 points`;
}

function choose(button, asSecond) {
  if (!button || place === null || isWaiting) return;
  const value = button.dataset.value;
  if (asSecond) {
    isSecond.checked = false;
    if (!("category" in button.dataset)) return tellProblem("Only a category can be the second choice.");
    setSecond(value === second ? "" : value);
    return tellStatus(byId("second").textContent);
  }
  if (action.value.trim() && !addAction(true)) return;
  const names = (isThere) => [...actionsRead].filter(([, there]) => there === isThere).map(([name]) => name);
  const told = actionsRead.size ? { present: names(true), denied: names(false) } : {};
  ask("readings", { place, described: value, second: second === value ? "" : second, note: note.value, ...told });
}

function addAction(isThere) {
  const name = action.value.trim().toLowerCase().replace(/\s+/g, "_");
  if (!actions.includes(name)) {
    if (name) tellProblem(`${spoken(name)} is no action of the inventory. Nothing is saved yet: choose one, or press Escape to drop it.`);
    return false;
  }
  actionsRead.set(name, isThere);
  action.value = "";
  showMarked();
  tellStatus(`${spoken(name)}: ${isThere ? "there" : "not there"}.`);
  return true;
}

function showMarked() {
  byId("marked").replaceChildren(...[...actionsRead].map(([name, isThere]) => {
    const remove = element("button", { type: "button", "aria-label": `Remove ${spoken(name)}` }, "×");
    remove.addEventListener("click", () => { actionsRead.delete(name); showMarked(); action.focus(); });
    return element("li", {}, element("mark", { class: `action${isThere ? "" : " negated"}` }, spoken(name)), " ", remove);
  }));
}

function openActions() {
  byId("marking").open = true;
  action.focus();
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || task.hidden) return;
  if (event.key === "Escape") {
    action.value = "";
    byId("task-title").focus();
  }
  if (event.target.matches("input:not([type=checkbox])")) return;
  const key = event.code?.startsWith("Digit") ? event.code.slice(5) : event.key.toLowerCase();
  const chosen = choices.find((button) => button.getAttribute("aria-keyshortcuts") === key);
  const does = { a: openActions, m: () => note.focus(), z: () => ask("undo") }[key];
  if (!chosen && !does) return;
  event.preventDefault();
  if (event.repeat) return; // A key that is held reads no text after the first.
  if (chosen) choose(chosen, event.shiftKey || isSecond.checked);
  else does();
}

byId("reader").addEventListener("submit", (event) => {
  event.preventDefault();
  reader = event.target.elements.reader.value.trim();
  ask("next");
});
for (const button of choices) button.addEventListener("click", (event) => choose(button, event.shiftKey || isSecond.checked));
action.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); addAction(!event.shiftKey); }
});
byId("add-present").addEventListener("click", () => addAction(true));
byId("add-denied").addEventListener("click", () => addAction(false));
byId("undo").addEventListener("click", () => ask("undo"));
byId("known-actions").append(...actions.map((name) => new Option(spoken(name))));
document.addEventListener("keydown", press);
if (reader) ask("next");
