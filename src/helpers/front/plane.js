// The panels of the chart as planes: from the pixels of the window to the units of their axes, and back.

// Where every panel is drawn now. Ask at each event: a new width or theme puts another view in the old one's place.
export function panels(view, surface) {
  const box = surface.querySelector("canvas")?.getBoundingClientRect();
  if (!view || !box) return [];
  const [left, top] = view.origin();
  const padding = view.padding();
  return groups(view).map(({ prefix, x, y, width, height }) => {
    const scale = (axis) => scaleOf(view, prefix, axis);
    return { left: box.left + padding.left + left + x, top: box.top + padding.top + top + y, width, height, scale };
  });
}

function groups(view) {
  const inside = view.scenegraph().root.items[0].items.flatMap((mark) => (mark.marktype === "group" ? mark.items : []));
  const named = inside.filter((group) => /^concat_\d+_group$/.test(group.mark.name ?? ""));
  if (named.length === 0) return [{ prefix: "", x: 0, y: 0, width: view.width(), height: view.height() }];
  return named.map(({ mark, x, y, width, height }) => ({ prefix: mark.name.replace("group", ""), x, y, width, height }));
}

function scaleOf(view, prefix, axis) {
  try {
    return view.scale(`${prefix}${axis}`);
  } catch {
    return view.scale(axis); // the panels share it
  }
}

export function position({ left, top, scale }, clientX, clientY) {
  return { x: scale("x").invert(clientX - left), y: scale("y").invert(clientY - top) };
}

// Where a place of the panel is in the window.
export function onScreen({ left, top, scale }, [x, y]) {
  return [left + scale("x")(x), top + scale("y")(y)];
}

export const clamped = (value, low, high) => Math.min(high, Math.max(low, value));

// A place as a control of points keeps it.
export const kept = ({ span, low, high }, [x, y]) => [clamped(rounded(x), ...span), clamped(rounded(y), low, high)];

// As many digits as a link carries.
export const rounded = (value) => Number(value.toPrecision(3));
