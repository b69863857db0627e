// Store (or combine) each update at its place; -1 means nowhere.
function scatter(out, places, updates, start, combine) {
  for (let k = 0; k < places.length; k++) {
    const p = places[k];
    if (p >= 0) out[p] = combine(out[p], updates[start + k]);
  }
}

// Ascending, NaN last.
function compareNumbers(a, b) {
  if (a < b) return -1;
  if (a > b) return 1;
  return (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
}

// Sort along the middle axis of (outer, n, inner) arrays, all by the first `keys` of them, stably.
function sortRows(outs, ins, outer, n, inner, keys) {
  const order = new Array(n);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const first = o * n * inner + i;
      for (let k = 0; k < n; k++) order[k] = first + k * inner;
      order.sort((a, b) => {
        for (let key = 0; key < keys; key++) {
          const [x, start] = ins[key];
          const c = compareNumbers(x[start + a], x[start + b]);
          if (c !== 0) return c;
        }
        return a - b;
      });
      for (let m = 0; m < outs.length; m++) {
        const [x, start] = ins[m];
        for (let k = 0; k < n; k++) outs[m][first + k * inner] = x[start + order[k]];
      }
    }
  }
}

// The k largest elements along the middle axis, and where they are; NaN counts as largest.
function topRows(values, places, x, start, outer, n, inner, k) {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (j) => x[start + (o * n + j) * inner + i];
      const order = Array.from({ length: n }, (_, j) => j).sort((a, b) => compareNumbers(at(b), at(a)) || a - b);
      for (let j = 0; j < k; j++) {
        values[(o * k + j) * inner + i] = at(order[j]);
        places[(o * k + j) * inner + i] = order[j];
      }
    }
  }
}
