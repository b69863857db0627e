// Running total along the middle axis of an (outer, n, inner) array.
function runningTotal(out, x, start, outer, n, inner, reverse, combine) {
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < inner; k++) {
      const first = (o * n + (reverse ? n - 1 : 0)) * inner + k;
      const step = reverse ? -inner : inner;
      let total = x[start + first];
      out[first] = total;
      for (let j = 1, p = first + step; j < n; j++, p += step) {
        total = combine(total, x[start + p]);
        out[p] = total;
      }
    }
  }
}

// Where the largest (or smallest) element along the middle axis is; the first one if there are several, NaN before all.
function indexOfExtreme(out, x, start, outer, n, inner, better) {
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < inner; k++) {
      let best = 0;
      let value = x[start + o * n * inner + k];
      for (let j = 1; j < n && value === value; j++) {
        const other = x[start + (o * n + j) * inner + k];
        if (better(other, value) || other !== other) {
          best = j;
          value = other;
        }
      }
      out[o * inner + k] = best;
    }
  }
}

function logAddExp(a, b) {
  const largest = Math.max(a, b);
  return Number.isFinite(largest) ? largest + Math.log1p(Math.exp(-Math.abs(a - b))) : largest;
}

// An argument for which one number is expected.
function number(x, position) {
  const value = typeof x === "object" ? x[0] : x;
  if (value === undefined || (typeof x === "object" && x.length !== 1)) {
    throw new RangeError(`argument ${position} must be one number`);
  }
  return value;
}

function fill(buffer, x, position) {
  if (x.length !== buffer.length) {
    throw new RangeError(`argument ${position} has ${x.length} elements, expected ${buffer.length}`);
  }
  buffer.set(x);
}
