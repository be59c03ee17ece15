// The pictures, drawn when they come into sight; a click on a mark leads to its cases, a brush lists those inside.

const MAGNIFIED = 1.4;
const MAP_SIDE = 560;
const NARROW = 520; // two matrices do not fit beside each other
const MOST_ELEMENTS = 3000; // of an SVG; a canvas draws more at ease
const ERRORS = 1; // vega.Error, which the bundle does not hand out

function showValues(handler, event, item, value) {
  if (value === null || value === undefined || value === "") return hideTip();
  const lines = typeof value === "object" ? Object.entries(value).map(([name, each]) => `${name}: ${each}`) : [String(value)];
  tip.replaceChildren(...visible(lines.join("\n")));
  tip.hidden = false;
  place({ left: event.clientX + 10, top: event.clientY, bottom: event.clientY + 8 });
}

/** Colours instead of tokens, for a canvas, which knows no custom properties. */
function painted(value, style) {
  const colour = (token, name) => style.getPropertyValue(name) || token;
  return JSON.parse(JSON.stringify(value).replace(/var\((--[\w-]+)\)/g, colour));
}

function filterOf(datum) {
  const filter = new Map();
  if (!datum?.cell_kind) return filter;
  for (const key of ["model", "gold", "outcome", "witness"]) if (datum[key] && datum[key] !== "all") filter.set(key, String(datum[key]));
  return filter.set(datum.cell_kind, String(datum.value));
}

async function draw(place) {
  inSight.unobserve(place);
  place.dataset.drawn = "once"; // before it is drawn, for printing may ask meanwhile
  const figure = figures[place.dataset.chart];
  const isCanvas = rowsOf(figure).length > MOST_ELEMENTS;
  const hasBrush = figure.params?.some((param) => param.name === "brush");
  // The heading has the title, and the place says what is drawn; Vega would name every mark.
  const { title, ...untitled } = figure;
  const quiet = { ...untitled, config: { ...figure.config, aria: false } };
  const room = place.closest("figure").clientWidth;
  if (hasBrush) quiet.width = quiet.height = Math.min(MAP_SIDE, room - 20);
  if (quiet.hconcat && room < NARROW) [quiet.vconcat, quiet.hconcat] = [quiet.hconcat, undefined];
  const spec = isCanvas ? painted(quiet, getComputedStyle(document.documentElement)) : quiet;
  const settings = {
    mode: "vega-lite", renderer: isCanvas ? "canvas" : "svg", tooltip: showValues,
    ast: true, actions: false, defaultStyle: false, logLevel: ERRORS,
  };
  let view;
  try {
    ({ view } = await vegaEmbed(place, spec, settings));
  } catch (error) {
    const file = `plots/${place.dataset.chart}.svg`;
    place.replaceChildren(element("p", { class: "absent" }, `This figure could not be drawn here (${error.message}). See ${file}.`));
    return;
  }
  place.view = view;
  if (!isCanvas && !hasBrush) enlarge(place.querySelector("svg"));
  view.addEventListener("click", (event, item) => {
    const filter = filterOf(item?.datum);
    if (filter.size) go(address(filter));
  });
  if (hasBrush) followBrush(view, place);
}

/** Charts are as small as a journal wants them; a wide window has room. */
function enlarge(picture) {
  const width = picture.viewBox.baseVal.width, room = picture.closest("figure").clientWidth;
  picture.setAttribute("width", Math.max(width, Math.min(MAGNIFIED * width, room)));
  picture.removeAttribute("height");
}

/** The cases of the brushed part of a map, listed without leaving the map. */
function followBrush(view, place) {
  const name = place.dataset.chart;
  let waiting = 0;
  view.addSignalListener("brush", (_, { x, y }) => {
    clearTimeout(waiting);
    const rising = (edges) => [...edges].sort((a, b) => a - b).map((edge) => edge.toFixed(3));
    const area = x && y ? [name, ...rising(x), ...rising(y)].join(":") : "";
    waiting = setTimeout(() => {
      history.replaceState(history.state, "", address(new Map([["area", area]])));
      showCases();
      place.closest("figure").querySelector("output").replaceChildren(...(area ? [wayToCases()] : []));
    }, 300);
  });
}

function wayToCases() {
  const button = element("button", { type: "button" }, `Show the ${chosen.length.toLocaleString("en")} cases`);
  button.addEventListener("click", showHeading);
  return button;
}

const inSight = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
    draw(target);
  }
}, { rootMargin: "400px" });

function redrawCanvases() {
  for (const canvas of document.querySelectorAll(".chart canvas")) draw(canvas.closest(".chart"));
}

addEventListener("theme", redrawCanvases);
addEventListener("beforeprint", () => document.querySelectorAll(".chart:not([data-drawn])").forEach(draw));
document.querySelectorAll(".chart").forEach((place) => inSight.observe(place));
