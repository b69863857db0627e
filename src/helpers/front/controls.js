// The form controls: what the reader turns becomes a value, and a value that is set is shown.

import { kept } from "./plane.js";
import { written } from "./summary.js";

// Connect a control's elements; set(value) is called while the reader moves it. Returns show(value).
export function bindControl(box, control, set) {
  return BIND[control.kind](box, control, set);
}

const BIND = {
  range: bindRange,
  play: bindPlay,
  choice: bindChoice,
  checkbox: bindCheckbox,
  seed: bindSeed,
  sketch: bindKeys,
  points: bindPlaceKeys,
};

function bindRange(box, control, set) {
  const input = box.querySelector("input");
  const text = (value) => written(value, control.format) + (control.unit ? ` ${control.unit}` : "");
  const show = ownLayout(input, box.querySelector("output"), control.stops.map(text));
  input.addEventListener("input", () => set(control.stops[input.value]));
  return (value) => {
    input.value = nearest(control.stops, value);
    input.style.setProperty("--share", input.value / Math.max(1, control.stops.length - 1));
    const words = text(value);
    input.setAttribute("aria-valuetext", words);
    show(words);
  };
}

// What changes at every picture, the thumb and the number, lies in boxes whose size does not depend on it: the browser
// then lays out these, not the whole chapter around them. Returns show(text).
function ownLayout(input, output, texts) {
  const groove = document.createElement("span");
  groove.className = "explorer-groove";
  input.replaceWith(groove);
  groove.append(input);
  const number = document.createElement("span");
  number.className = "explorer-number";
  number.style.setProperty("--letters", Math.max(...texts.map((text) => text.length)));
  number.textContent = output.textContent;
  output.replaceChildren(number);
  return (text) => (number.firstChild.data = text);
}

export function nearest(stops, value) {
  let best = 0;
  stops.forEach((stop, i) => Math.abs(stop - value) < Math.abs(stops[best] - value) && (best = i));
  return best;
}

function bindPlay(box, control, set) {
  const button = box.querySelector("button");
  const input = box.querySelector("input");
  const name = button.getAttribute("aria-label").replace("Play", "");
  const stops = control.stops;
  let frame = 0;
  const show = bindRange(box, control, (value) => {
    pause();
    set(value);
  });

  function pause() {
    cancelAnimationFrame(frame);
    frame = 0;
    button.classList.remove("is-running");
    button.setAttribute("aria-label", `Play${name}`);
  }

  function play() {
    const end = stops.length - 1;
    const first = Number(input.value) === end ? 0 : Number(input.value);
    const start = performance.now();
    let shown = -1;
    button.classList.add("is-running");
    button.setAttribute("aria-label", `Pause${name}`);
    const step = () => {
      const at = Math.min(end, first + calm(((performance.now() - start) / 1000 / control.seconds) * end, end));
      if (at !== shown) set(stops[at]);
      shown = at;
      if (at === end) pause();
      else frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }

  button.addEventListener("click", () => (frame ? pause() : play()));
  box.closest("figure").addEventListener("pause", pause);
  return show;
}

// Who asked for less motion gets a few still pictures instead of a film.
function calm(position, end) {
  const coarse = matchMedia("(prefers-reduced-motion: reduce)").matches ? Math.max(1, end / 6) : 1;
  return Math.floor(Math.floor(position / coarse) * coarse);
}

function bindChoice(box, control, set) {
  const select = box.querySelector("select");
  const radios = [...box.querySelectorAll("input")];
  box.addEventListener("change", (event) => set(control.options[event.target.value]));
  return (value) => {
    const index = control.options.indexOf(value);
    if (select) select.value = index;
    else radios.forEach((radio, i) => (radio.checked = i === index));
  };
}

function bindCheckbox(box, _, set) {
  const input = box.querySelector("input");
  input.addEventListener("change", () => set(input.checked));
  return (value) => (input.checked = value);
}

function bindSeed(box, control, set) {
  const output = box.querySelector("output");
  let number = 0;
  box.querySelector("button").addEventListener("click", () => set(control.low + ((number + 1) % control.draws)));
  return (value) => {
    number = value - control.low;
    output.textContent = `draw ${number + 1}`;
  };
}

// The keyboard's way to draw: choose a point, then move it.
function bindKeys(box, _, set) {
  const point = box.querySelector(".explorer-point");
  const height = box.querySelector(".explorer-height");
  let heights = [];
  const follow = () => {
    height.value = heights[point.value - 1];
    point.setAttribute("aria-valuetext", `${point.value} of ${heights.length}`);
    height.setAttribute("aria-valuetext", written(heights[point.value - 1], ".3g"));
  };
  point.addEventListener("input", follow);
  height.addEventListener("input", () => set(heights.map((old, i) => (i === point.value - 1 ? Number(height.value) : old))));
  return (value) => {
    heights = value;
    follow();
  };
}

// The same for points, which move across and up; a single one need not be chosen.
function bindPlaceKeys(box, control, set) {
  const point = box.querySelector(".explorer-point");
  const inputs = [box.querySelector(".explorer-across"), box.querySelector(".explorer-up")];
  let places = [];
  const chosen = () => (point ? point.value - 1 : 0);
  const follow = () => {
    point?.setAttribute("aria-valuetext", `${point.value} of ${places.length}`);
    inputs.forEach((input, axis) => {
      const value = places[chosen()][axis];
      input.value = value;
      input.setAttribute("aria-valuetext", written(value, ".3g"));
    });
  };
  point?.addEventListener("input", follow);
  inputs.forEach((input, axis) =>
    input.addEventListener("input", () => {
      const moved = places[chosen()].with(axis, Number(input.value));
      set(places.with(chosen(), kept(control, moved)));
    }),
  );
  return (value) => {
    places = value;
    follow();
  };
}
