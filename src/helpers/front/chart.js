// The live chart: Vega-Lite drawn at the width and in the colours of the page, and redrawn when either changes.

const INK = /#010203/gi; // stand-ins of helpers.figures for the page's own colours
const PAPER = /#fdfefc/gi;
const NARROW = 560; // below, panels stand under each other
const AXIS = 62; // what the axis of a panel takes beside its plot: a first guess, corrected after drawing

// stage: the element that holds the picture; vegaEmbed: the library; alt: what the chart shows.
export async function liveChart(stage, page, vegaEmbed, first) {
  const target = document.createElement("div");
  target.className = "explorer-chart";
  stage.append(target);
  let data = first;
  let drawn = null;
  let shown = {};
  let ours = new Set(); // data sets whose rows are the chart's own objects, to be changed in place
  let width = 0;

  async function draw() {
    width = Math.floor(stage.clientWidth);
    if (width === 0) return;
    const before = drawn;
    const spec = themed({ ...page.spec, description: page.alt }, stage);
    drawn = await embedded(spec, width);
    stage.dataset.live = ""; // the stored picture goes
    before?.finalize();
  }

  async function embedded(spec, room, spare = AXIS) {
    shown = everyRow(data);
    ours = new Set();
    const fittedSpec = { ...fitted(spec, room, spare), datasets: { ...spec.datasets, ...shown } };
    const result = await vegaEmbed(target, fittedSpec, { actions: false, renderer: "canvas" });
    const excess = target.firstElementChild.scrollWidth - room;
    const panels = columnsOf(spec, room);
    if (spare === AXIS && panels && (excess > 0 || excess < -12)) {
      result.finalize();
      return embedded(spec, room, spare + excess / panels);
    }
    return result;
  }

  async function update(next) {
    data = next;
    if (!drawn) return;
    for (const [name, table] of Object.entries(next)) {
      if (!page.reads.has(name) || same(shown[name], table)) continue; // a background need not be drawn up again
      if (ours.has(name) && shown[name].length === lengthOf(table)) {
        drawn.view.change(name, changed(drawn.view, name, shown[name], table));
      } else {
        shown[name] = rows(table);
        drawn.view.data(name, shown[name]);
        ours.add(name);
      }
    }
    await drawn.view.runAsync();
  }

  await draw();
  const stopWatching = watch(stage, () => Math.abs(stage.clientWidth - width) > 2, draw);
  const remove = () => {
    stopWatching();
    drawn?.finalize();
    drawn = null;
    delete stage.dataset.live;
    target.remove();
  };
  return { target, update, remove, view: () => drawn?.view };
}

// Names of the data sets that the chart reads.
export function namesRead(spec, names = new Set()) {
  if (spec.data?.name) names.add(spec.data.name);
  for (const part of Object.values(spec)) if (part && typeof part === "object") namesRead(part, names);
  return names;
}

const everyRow = (data) => Object.fromEntries(Object.entries(data).map(([name, table]) => [name, rows(table)]));

const lengthOf = (table) => Object.values(table)[0]?.length ?? 0;
const PLACE = Symbol("place"); // a row's number

function rows(table) {
  const columns = Object.entries(table);
  const length = lengthOf(table);
  const all = new Array(length);
  for (let i = 0; i < length; i++) {
    const row = { [PLACE]: i };
    for (const [name, values] of columns) row[name] = values[i];
    all[i] = row;
  }
  return all;
}

// Whether the rows hold the table's values. (The table's arrays may be the ones that held the last answer.)
function same(before, table) {
  if (before?.length !== lengthOf(table)) return false;
  return Object.entries(table).every((column) => sameColumn(before, column));
}

const sameColumn = (before, [name, values]) => before.every((row, i) => Object.is(row[name], values[i]));

// What turns the rows into the table's, for Vega: the marks of rows that stay need not be made anew.
function changed(view, name, before, table) {
  const changes = emptyChanges(view, name);
  for (const column of Object.entries(table))
    if (!sameColumn(before, column)) changes.modify(() => true, column[0], (row) => column[1][row[PLACE]]);
  return changes;
}

// The bundle does not export Vega's changeset(); but a view makes one when it is told to insert something.
function emptyChanges(view, name) {
  let made = null;
  view.pulse = (_, changes) => (made = changes);
  view.insert(name, []);
  delete view.pulse;
  return made.constructor();
}

// --- size ------------------------------------------------------------------------------------------------------------

// How many panels share the width; 0 for a chart that fits itself.
function columnsOf(spec, room) {
  if (spec.hconcat) return room < NARROW ? 1 : spec.hconcat.length;
  return spec.vconcat ? 1 : 0;
}

function fitted(spec, room, spare) {
  const columns = columnsOf(spec, room);
  if (!columns) return { ...spec, width: room, autosize: { type: "fit-x", contains: "padding" } };
  const { hconcat, vconcat, ...rest } = spec;
  const panels = (hconcat ?? vconcat).map((panel) => ({ ...panel, width: Math.max(80, room / columns - spare) }));
  return columns === 1 ? { ...rest, vconcat: panels } : { ...rest, hconcat: panels };
}

// --- colours ---------------------------------------------------------------------------------------------------------

function themed(spec, stage) {
  const style = getComputedStyle(stage);
  const text = JSON.stringify(spec).replace(INK, style.color).replace(PAPER, paper(stage));
  const colored = JSON.parse(text, solid);
  // A canvas shows no descriptions of single marks, but they would be written anew for every picture.
  colored.config = { ...colored.config, font: style.fontFamily, mark: { ...colored.config?.mark, aria: false } };
  return colored;
}

// Dashes without gaps take the browser as long to draw as dashes with gaps; no dashes do not.
function solid(name, value) {
  if (name !== "strokeDash") return value;
  const plain = (dash) => (dash[1] === 0 ? [] : dash);
  if (Array.isArray(value)) return plain(value);
  return value.scale?.range ? { ...value, scale: { ...value.scale, range: value.scale.range.map(plain) } } : value;
}

// The first background behind the stage that is not transparent.
function paper(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (color && !/^(transparent|rgba\(.*, 0\))$/.test(color)) return color;
  }
  return "#ffffff";
}

// Call redraw when the page changes its theme, or the stage its width.
function watch(stage, resized, redraw) {
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(redraw, 120);
  };
  const theme = new MutationObserver(soon);
  const attributeFilter = ["data-theme", "data-mode", "data-jp-theme-light", "class"];
  theme.observe(document.documentElement, { attributes: true, attributeFilter });
  theme.observe(document.body, { attributes: true, attributeFilter });
  const size = new ResizeObserver(() => resized() && soon());
  size.observe(stage);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", soon);
  return () => {
    clearTimeout(timer);
    theme.disconnect();
    size.disconnect();
    scheme.removeEventListener("change", soon);
  };
}
