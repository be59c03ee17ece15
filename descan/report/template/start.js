// Where one is on the page, its theme, and the start of it all.

const theme = byId("theme"), prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";

function nameTheme() {
  theme.textContent = isDark() ? "Light" : "Dark";
  dispatchEvent(new Event("theme"));
}

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

theme.hidden = false;
theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
});
prefersDark.addEventListener("change", nameTheme);
addEventListener("hashchange", follow);
document.addEventListener("click", ({ target }) => target.closest("a[href^='#']") && stay());
form.addEventListener("input", applyForm);
form.addEventListener("reset", reset);
form.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", showMore);
new IntersectionObserver(([entry]) => entry.isIntersecting && showMore(), { rootMargin: "300px" }).observe(more);
watchMarks(list);
fillChoices();
nameTheme();
follow();
