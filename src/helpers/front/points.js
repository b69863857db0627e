// Places in the plane that the reader drags in the chart itself.

import { kept, onScreen, panels, position } from "./plane.js";

const REACH = 28; // pixels between a point and the finger that means it

// controls: those of the explorer that are points, for the pointer takes the nearest of them all.
export function bindPoints(controls, chart, current, set) {
  if (controls.length === 0) return;
  const surface = chart.target;
  let held = null; // {control, index, offset, pointer}

  // The point that the pointer would take here, and how: one that is near keeps its distance to the pointer, and one
  // that is far jumps to a mouse. A finger that is far from all points wants to scroll.
  function reached({ clientX, clientY, pointerType }) {
    const drawn = panels(chart.view(), surface);
    const below = drawn.findIndex((panel) => holds(panel, clientX, clientY));
    let best = null;
    for (const control of controls) {
      if (!drawn[control.panel] || (below >= 0 && below !== control.panel)) continue;
      current(control.name).forEach((place, index) => {
        const [left, top] = onScreen(drawn[control.panel], place);
        const offset = [left - clientX, top - clientY];
        const distance = Math.hypot(...offset);
        if (!best || distance < best.distance) best = { control, index, offset, distance };
      });
    }
    if (best?.distance <= REACH) return { ...best, hand: "near" };
    return best && below >= 0 && pointerType === "mouse" ? { ...best, offset: [0, 0], hand: "far" } : null;
  }

  function move({ clientX, clientY }) {
    const { control, index, offset } = held;
    const panel = panels(chart.view(), surface)[control.panel];
    if (!panel) return;
    const { x, y } = position(panel, clientX + offset[0], clientY + offset[1]);
    set(control.name, current(control.name).with(index, kept(control, [x, y])));
  }

  function hint(hand = "") {
    surface.dataset.hand = hand;
  }

  surface.addEventListener("pointerdown", (event) => {
    if (held || event.button !== 0 || !event.isPrimary) return;
    const found = reached(event);
    if (!found) return;
    event.preventDefault();
    surface.setPointerCapture(event.pointerId);
    held = { ...found, pointer: event.pointerId };
    hint("held");
    if (found.hand === "far") move(event);
  });
  // Only here can the page be kept from scrolling along with the finger.
  const takes = ({ touches }) => held || (touches.length === 1 && reached(touches[0]));
  surface.addEventListener("touchstart", (event) => takes(event) && event.preventDefault(), { passive: false });
  surface.addEventListener("pointermove", (event) => {
    if (!held) hint(reached(event)?.hand);
    else if (held.pointer === event.pointerId) move(event);
  });
  for (const end of ["pointerup", "pointercancel"])
    surface.addEventListener(end, (event) => {
      if (held?.pointer !== event.pointerId) return;
      held = null;
      hint(reached(event)?.hand);
    });
}

const holds = ({ left, top, width, height }, x, y) => x >= left && x <= left + width && y >= top && y <= top + height;
