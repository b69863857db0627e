// The state lives in the address: #explorer-name?width=40&noise=0.2

import { clamped, kept, rounded } from "./plane.js";
import { nearest } from "./controls.js";

export function hashState(page) {
  const values = Object.fromEntries(page.controls.map(({ name, start }) => [name, start]));
  let timer = 0;
  const read = () => {
    const [id, query] = location.hash.slice(1).split("?");
    if (id !== page.id || !query) return false;
    const given = new URLSearchParams(query);
    for (const control of page.controls) // what the address leaves out is at its start
      values[control.name] = given.has(control.name) ? parsed(control, given.get(control.name)) : control.start;
    return true;
  };
  const write = (hash) => {
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(history.state, "", hash || location.pathname + location.search), 200);
  };
  read();
  return {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      write(`#${page.id}?${query(page, values)}`);
    },
    forget: () => write(""),
    watch(changed) {
      addEventListener("hashchange", () => read() && page.controls.forEach(({ name }) => changed(name)));
    },
  };
}

function query(page, values) {
  const differing = page.controls.filter(({ name, start }) => String(values[name]) !== String(start));
  const text = (value) => (Array.isArray(value) ? value.flat().map(rounded).join("~") : String(value));
  return new URLSearchParams(differing.map(({ name }) => [name, text(values[name])])).toString();
}

// A value from the address, brought to the nearest one that the control can take.
function parsed(control, text) {
  if (control.kind === "choice") return control.options.find((option) => String(option) === text) ?? control.start;
  if (control.kind === "checkbox") return text === "true";
  if (control.kind === "sketch") return parsedSketch(control, text.split("~").map(Number));
  if (control.kind === "points") return parsedPoints(control, text.split("~").map(Number));
  const number = Number(text);
  if (!Number.isFinite(number)) return control.start;
  if (control.kind === "seed") return Math.min(control.low + control.draws - 1, Math.max(control.low, Math.round(number)));
  return control.stops[nearest(control.stops, number)];
}

function parsedSketch({ start, low, high }, heights) {
  const usable = heights.length === start.length && heights.every(Number.isFinite);
  return usable ? heights.map((height) => clamped(height, low, high)) : start;
}

function parsedPoints(control, numbers) {
  const usable = numbers.length === 2 * control.start.length && numbers.every(Number.isFinite);
  return control.start.map((place, i) => (usable ? kept(control, numbers.slice(2 * i, 2 * i + 2)) : place));
}
