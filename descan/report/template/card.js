// What a case shows. Other scripts say where its picture is (pictureOf).

function card(found) {
  const made = pictured(found, pictureOf(found));
  const link = element("a", { href: address(new Map([["item", found.item_id], ["model", found.model]])) });
  link.append(isolated(found.item_id));
  const outcome = element("p", { class: "outcome" });
  outcome.append(element("span", { class: `badge verdict-${found.verdict.replaceAll("_", "-")}` }, spoken(found.verdict)));
  for (const [name, value] of Object.entries(outcomeOf(found))) {
    if (value) outcome.append(element("span", {}, element("i", {}, `${name} `), element("b", {}, isolated(value))));
  }
  const body = element("div", {}, element("h3", {}, link), outcome, found.text ? marked(found) : element("p", {}, "No description."));
  if (found.n_characters > [...found.text].length) {
    const n = found.n_characters.toLocaleString("en");
    body.append(element("p", { class: "note" }, `Shortened for this page. The whole text has ${n} characters; it is in answers.parquet.`));
  }
  for (const one of found.witnessed ?? []) body.append(onTheFace(one));
  made.append(body);
  return made;
}

function outcomeOf(found) {
  const { model, gold, label, detail, evidence, shares } = found;
  return {
    model, gold: gold || "none", label: spoken(label) || "none", described: spokenReading(found),
    detail: spoken(detail), evidence: evidence === "none" ? "" : evidence,
    description: found.n_repeats > 1 ? `${found.repeat + 1} of ${found.n_repeats}` : "",
    "of its repeats": spoken(shares),
  };
}
