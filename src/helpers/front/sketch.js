// Points whose heights the reader drags in the chart itself.

import { clamped, panels, position, rounded } from "./plane.js";

export function bindSketch(control, chart, current, set) {
  const surface = chart.target;
  let held = -1;
  surface.classList.add("explorer-drawable");

  function move(event, start) {
    const drawn = panels(chart.view(), surface);
    const panel = drawn.find(({ left, width }) => event.clientX >= left - 24 && event.clientX <= left + width + 24);
    if (drawn.length === 0) return;
    const at = position(panel ?? drawn[0], event.clientX, event.clientY);
    const nearest = indexAt(control, current().length, at.x);
    const heights = [...current()];
    const height = clamped(at.y, control.low, control.high);
    if (start) held = nearest;
    if (control.curve) stroke(heights, held, nearest, height);
    else heights[held] = height;
    if (control.curve) held = nearest;
    set(heights.map(rounded));
  }

  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    surface.setPointerCapture(event.pointerId);
    move(event, true);
  });
  surface.addEventListener("pointermove", (event) => held >= 0 && move(event, false));
  for (const end of ["pointerup", "pointercancel"]) surface.addEventListener(end, () => (held = -1));
}

function indexAt({ span: [from, to] }, count, x) {
  const share = (x - from) / (to - from);
  return Math.min(count - 1, Math.max(0, Math.round(share * (count - 1))));
}

// A quick stroke passes several points between two events: draw a line through them.
function stroke(heights, from, to, height) {
  const steps = Math.abs(to - from);
  const start = heights[from];
  for (let i = 1; i <= steps; i++) heights[from + Math.sign(to - from) * i] = start + ((height - start) * i) / steps;
  heights[to] = height;
}
