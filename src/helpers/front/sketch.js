// Points whose heights the reader drags in the chart itself.

export function bindSketch(control, chart, current, set) {
  const surface = chart.target;
  let held = -1;
  surface.classList.add("explorer-drawable");

  function move(event, start) {
    const at = position(chart.view(), surface, event);
    if (!at) return;
    const nearest = indexAt(control, current().length, at.x);
    const heights = [...current()];
    const height = Math.min(control.high, Math.max(control.low, at.y));
    if (start) held = nearest;
    if (control.curve) stroke(heights, held, nearest, height);
    else heights[held] = height;
    if (control.curve) held = nearest;
    set(heights);
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

// Where the pointer is in the units of the axes of the panel below it.
function position(view, surface, event) {
  const box = surface.querySelector("canvas")?.getBoundingClientRect();
  if (!view || !box) return null;
  const [left, top] = view.origin();
  const [x, y] = [event.clientX - box.left - left, event.clientY - box.top - top];
  const panel = panels(view).find((one) => x >= one.x - 24 && x <= one.x + one.width + 24) ?? panels(view)[0];
  const [across, up] = [view.scale(`${panel.prefix}x`), view.scale(`${panel.prefix}y`)];
  return { x: across.invert(x - panel.x), y: up.invert(y - panel.y) };
}

function panels(view) {
  const groups = view.scenegraph().root.items[0].items.flatMap((mark) => (mark.marktype === "group" ? mark.items : []));
  const named = groups.filter((group) => /^concat_\d+_group$/.test(group.mark.name ?? ""));
  if (named.length === 0) return [{ prefix: "", x: 0, y: 0, width: view.width() }];
  return named.map(({ mark, x, y, width }) => ({ prefix: mark.name.replace("group", ""), x, y, width }));
}
