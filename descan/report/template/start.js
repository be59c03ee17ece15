// Where one is on the page, and the start of it all.

/** Leaves a mark at this place, so that Back returns to it. */
function stay() {
  history.replaceState({ place: scrollY }, "");
}

function go(fragment) {
  stay();
  location.hash = fragment;
}

function follow() {
  const place = history.state?.place;
  hideTip();
  showCases();
  if (place !== undefined) scrollTo({ top: place, behavior: "instant" });
  else if (readFilter().size) showHeading();
}

function showHeading() {
  const heading = byId("cases-title");
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
}

addEventListener("hashchange", follow);
document.addEventListener("click", ({ target }) => target.closest("a[href^='#']") && stay());
form.addEventListener("input", applyForm);
form.addEventListener("reset", reset);
form.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", showMore);
new IntersectionObserver(([entry]) => entry.isIntersecting && showMore(), { rootMargin: "300px" }).observe(more);
watchMarks(list);
fillChoices();
follow();
