// What witnesses tell of the face of a case: [witness, how many actions it tells, [[outcome, units, action, ...], ...]].

const SEEN = [
  ["hit", "\u2713", "said, and on the face"],
  ["hallucinated", "\u2717", "said, but not on the face"],
  ["omitted", "\u25cb", "on the face, but not said"],
  ["denied", "\u2717", "on the face, but the text says it is not"],
  ["rightly_denied", "\u2713", "not on the face, as the text says"],
];

/** A line for each outcome that a witness makes of the text. */
function onTheFace([witness, nTold, told]) {
  const made = element("dl", { class: "on-face" });
  const entry = (outcome, title, ...value) => made.append(element("div", { class: outcome }, element("dt", {}, title), " ", element("dd", {}, ...value)));
  entry("witness", "On the face by", isolated(witness));
  for (const [outcome, sign, meaning] of SEEN) {
    const names = told.filter(([each]) => each === outcome).map(([, units, action]) => `${spoken(action)} (${units})`);
    if (names.length) entry(outcome, `${sign} ${meaning}:`, ...visible(names.join(", ")));
  }
  if (!told.length) entry("none", "\u2713", `none of the ${nTold} actions that it can tell is there, and the text names none of them`);
  return made;
}

const outcomes = (found, witness) => (found.witnessed ?? []).flatMap(([name, , told]) => !witness || name === witness ? told : []);

/** Whether a witness makes an outcome of a case, and of the wanted action if there is one. */
function hasOutcome(found, filter) {
  const [wanted, action] = [filter.get("outcome"), filter.get("action")];
  const fits = ([outcome, , ...actions]) => (!wanted || outcome === wanted) && (!action || actions.includes(action));
  return outcomes(found, filter.get("witness")).some(fits);
}
