// Add each source element to the extreme element of its window (the first one where there are several).
function scatterToExtremes(out, x, startX, source, start, shape, windows, window, strides, lows, better) {
  const rank = shape.length;
  const at = new Array(rank);
  const total = windows.reduce((a, b) => a * b, 1);
  const size = window.reduce((a, b) => a * b, 1);
  for (let s = 0; s < total; s++) {
    let best = -1;
    for (let k = 0; k < size; k++) {
      let position = 0;
      let inside = true;
      for (let d = rank - 1, a = s, b = k, step = 1; d >= 0; d--) {
        at[d] = (a % windows[d]) * strides[d] - lows[d] + (b % window[d]);
        inside = inside && at[d] >= 0 && at[d] < shape[d];
        position += at[d] * step;
        a = Math.floor(a / windows[d]);
        b = Math.floor(b / window[d]);
        step *= shape[d];
      }
      if (inside && (best < 0 || better(x[startX + position], x[startX + best]))) best = position;
    }
    if (best >= 0) out[best] += source[start + s];
  }
}
