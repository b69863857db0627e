// Small dense linear algebra, row-major, in double precision whatever the result is stored in. Each function works
// through a batch of matrices.

function cholesky(out, a, start, batch, n) {
  const l = new Float64Array(n * n);
  for (let b = 0; b < batch; b++) {
    let ok = true;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = a[start + (b * n + i) * n + j];
        for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
        if (i === j) {
          ok = ok && sum > 0;
          l[i * n + i] = Math.sqrt(sum);
        } else {
          l[i * n + j] = sum / l[j * n + j];
        }
      }
    }
    for (let k = 0; k < n * n; k++) out[b * n * n + k] = ok ? l[k] : NaN;
  }
}

// Gaussian elimination with partial pivoting (the first largest pivot, as LAPACK), m rows and n columns.
function luDecomposition(out, pivots, permutation, a, start, batch, m, n) {
  const lu = new Float64Array(m * n);
  const size = Math.min(m, n);
  for (let b = 0; b < batch; b++) {
    for (let k = 0; k < m * n; k++) lu[k] = a[start + b * m * n + k];
    for (let i = 0; i < m; i++) permutation[b * m + i] = i;
    for (let k = 0; k < size; k++) {
      let p = k;
      for (let i = k + 1; i < m; i++) if (Math.abs(lu[i * n + k]) > Math.abs(lu[p * n + k])) p = i;
      pivots[b * size + k] = p;
      if (p !== k) {
        for (let j = 0; j < n; j++) {
          const t = lu[k * n + j];
          lu[k * n + j] = lu[p * n + j];
          lu[p * n + j] = t;
        }
        const t = permutation[b * m + k];
        permutation[b * m + k] = permutation[b * m + p];
        permutation[b * m + p] = t;
      }
      const pivot = lu[k * n + k];
      if (pivot === 0) continue;
      for (let i = k + 1; i < m; i++) {
        const factor = (lu[i * n + k] /= pivot);
        for (let j = k + 1; j < n; j++) lu[i * n + j] -= factor * lu[k * n + j];
      }
    }
    out.set(lu, b * m * n);
  }
}

function pivotsToPermutation(out, pivots, start, batch, k, n) {
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < n; i++) out[b * n + i] = i;
    for (let i = 0; i < k; i++) {
      const j = pivots[start + b * k + i];
      const t = out[b * n + i];
      out[b * n + i] = out[b * n + j];
      out[b * n + j] = t;
    }
  }
}

// Solve T x = y for n×m right-hand sides, T triangular: row i of T is read as T[i, j] or T[j, i].
function triangularSolve(out, t, startT, y, startY, batch, n, m, lower, transposed, unit) {
  const x = new Float64Array(n * m);
  const forward = lower !== transposed;
  const row = transposed ? 1 : n;
  const column = transposed ? n : 1;
  for (let b = 0; b < batch; b++) {
    const t0 = startT + b * n * n;
    for (let step = 0; step < n; step++) {
      const i = forward ? step : n - 1 - step;
      const scale = unit ? 1 : t[t0 + i * (n + 1)];
      for (let k = 0; k < m; k++) x[i * m + k] = y[startY + (b * n + i) * m + k];
      for (let j = forward ? 0 : i + 1; j < (forward ? i : n); j++) {
        const factor = t[t0 + i * row + j * column];
        for (let k = 0; k < m; k++) x[i * m + k] -= factor * x[j * m + k];
      }
      if (!unit) for (let k = 0; k < m; k++) x[i * m + k] /= scale;
    }
    out.set(x, b * n * m);
  }
}

// Householder QR of m×n, LAPACK's signs. Fills a with R above and the reflectors below the diagonal, and taus.
function householder(a, taus, m, n) {
  for (let k = 0; k < Math.min(m, n); k++) {
    let tail = 0;
    for (let i = k + 1; i < m; i++) tail += a[i * n + k] ** 2;
    const alpha = a[k * n + k];
    if (tail === 0) {
      taus[k] = 0;
      continue;
    }
    const beta = -(alpha < 0 ? -1 : 1) * Math.sqrt(alpha * alpha + tail);
    taus[k] = (beta - alpha) / beta;
    for (let i = k + 1; i < m; i++) a[i * n + k] /= alpha - beta;
    a[k * n + k] = beta;
    for (let j = k + 1; j < n; j++) {
      let sum = a[k * n + j];
      for (let i = k + 1; i < m; i++) sum += a[i * n + k] * a[i * n + j];
      sum *= taus[k];
      a[k * n + j] -= sum;
      for (let i = k + 1; i < m; i++) a[i * n + j] -= sum * a[i * n + k];
    }
  }
}

// The first `columns` columns of the product of the k reflectors stored below the diagonal of the m×n array a.
function reflectorProduct(q, a, taus, m, n, k, columns) {
  for (let i = 0; i < m; i++) for (let j = 0; j < columns; j++) q[i * columns + j] = i === j ? 1 : 0;
  for (let r = k - 1; r >= 0; r--) {
    for (let j = 0; j < columns; j++) {
      let sum = q[r * columns + j];
      for (let i = r + 1; i < m; i++) sum += a[i * n + r] * q[i * columns + j];
      sum *= taus[r];
      q[r * columns + j] -= sum;
      for (let i = r + 1; i < m; i++) q[i * columns + j] -= sum * a[i * n + r];
    }
  }
}

function qrDecomposition(outQ, outR, a, start, batch, m, n, full) {
  const k = Math.min(m, n);
  const columns = full ? m : k;
  const work = new Float64Array(m * n);
  const taus = new Float64Array(k);
  const q = new Float64Array(m * columns);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < m * n; i++) work[i] = a[start + b * m * n + i];
    householder(work, taus, m, n);
    reflectorProduct(q, work, taus, m, n, k, columns);
    outQ.set(q, b * m * columns);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < n; j++) outR[(b * columns + i) * n + j] = j >= i ? work[i * n + j] : 0;
    }
  }
}

function householderProduct(out, a, start, taus, startTaus, batch, m, n, k) {
  const q = new Float64Array(m * n);
  for (let b = 0; b < batch; b++) {
    const from = start + b * m * n;
    const tau = startTaus + b * k;
    reflectorProduct(q, a.subarray(from, from + m * n), taus.subarray(tau, tau + k), m, n, k, n);
    out.set(q, b * m * n);
  }
}

function hasOnlyNumbers(x, start, size) {
  for (let i = start; i < start + size; i++) if (!Number.isFinite(x[i])) return false;
  return true;
}

// Eigenvalues (ascending) and eigenvectors of symmetric matrices; `lower`: which triangle is read.
function symmetricEigen(vectors, values, a, start, batch, n, lower) {
  const v = new Float64Array(n * n);
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  for (let b = 0; b < batch; b++) {
    const from = start + b * n * n;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) v[i * n + j] = v[j * n + i] = a[from + (lower ? i * n + j : j * n + i)];
    }
    if (hasOnlyNumbers(v, 0, n * n)) {
      tridiagonalise(v, d, e, n);
      implicitQL(v, d, e, n);
    } else {
      v.fill(NaN);
      d.fill(NaN);
    }
    const order = Array.from(d.keys()).sort((i, j) => d[i] - d[j]);
    for (let j = 0; j < n; j++) {
      values[b * n + j] = d[order[j]];
      for (let i = 0; i < n; i++) vectors[(b * n + i) * n + j] = v[i * n + order[j]];
    }
  }
}

// Householder reduction to tridiagonal form (EISPACK's tred2, by way of JAMA).
function tridiagonalise(v, d, e, n) {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j];
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = v[j * n + i] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] /= scale;
        h += d[k] * d[k];
      }
      let f = d[i - 1];
      let g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      e.fill(0, 0, i);
      for (let j = 0; j < i; j++) {
        f = d[j];
        v[j * n + i] = f;
        g = e[j] + v[j * n + j] * f;
        for (let k = j + 1; k < i; k++) {
          g += v[k * n + j] * d[k];
          e[k] += v[k * n + j] * f;
        }
        e[j] = g;
      }
      f = 0;
      for (let j = 0; j < i; j++) {
        e[j] /= h;
        f += e[j] * d[j];
      }
      const hh = f / (h + h);
      for (let j = 0; j < i; j++) e[j] -= hh * d[j];
      for (let j = 0; j < i; j++) {
        f = d[j];
        g = e[j];
        for (let k = j; k < i; k++) v[k * n + j] -= f * e[k] + g * d[k];
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = 0;
      }
    }
    d[i] = h;
  }
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i];
    v[i * n + i] = 1;
    const h = d[i + 1];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1] * v[k * n + j];
        for (let k = 0; k <= i; k++) v[k * n + j] -= g * d[k];
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j];
    v[(n - 1) * n + j] = 0;
  }
  v[n * n - 1] = 1;
  e[0] = 0;
}

// The implicit QL method for tridiagonal matrices (EISPACK's tql2, by way of JAMA).
function implicitQL(v, d, e, n) {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > 2.220446049250313e-16 * largest) m++;
    for (let sweep = 0; m > l && sweep < 60; sweep++) {
      let g = d[l];
      let p = (d[l + 1] - g) / (2 * e[l]);
      let r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
      d[l] = e[l] / (p + r);
      d[l + 1] = e[l] * (p + r);
      const next = d[l + 1];
      let h = g - d[l];
      for (let i = l + 2; i < n; i++) d[i] -= h;
      shift += h;
      p = d[m];
      let c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
      const after = e[l + 1];
      for (let i = m - 1; i >= l; i--) {
        c3 = c2;
        c2 = c;
        s2 = s;
        g = c * e[i];
        h = c * p;
        r = Math.sqrt(p * p + e[i] * e[i]);
        e[i + 1] = s * r;
        s = e[i] / r;
        c = p / r;
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        for (let k = 0; k < n; k++) {
          h = v[k * n + i + 1];
          v[k * n + i + 1] = s * v[k * n + i] + c * h;
          v[k * n + i] = c * v[k * n + i] - s * h;
        }
      }
      p = (-s * s2 * c3 * after * e[l]) / next;
      e[l] = s * p;
      d[l] = c * p;
      if (Math.abs(e[l]) <= 2.220446049250313e-16 * largest) break;
    }
    d[l] += shift;
    e[l] = 0;
  }
}

// Singular value decomposition by one-sided Jacobi rotations: outU m×(full ? m : k), outVt (full ? n : k)×n.
function singularValues(outS, outU, outVt, a, start, batch, m, n, full) {
  const wide = m < n;
  const rows = Math.max(m, n);
  const k = Math.min(m, n);
  const w = new Float64Array(rows * k);
  const v = new Float64Array(k * k);
  const size = full ? rows : k;
  const basis = new Float64Array(rows * size);
  for (let b = 0; b < batch; b++) {
    const from = start + b * m * n;
    for (let i = 0; i < rows; i++) for (let j = 0; j < k; j++) w[i * k + j] = a[from + (wide ? j * n + i : i * n + j)];
    const ok = hasOnlyNumbers(w, 0, rows * k);
    if (ok) jacobiRotations(w, v, rows, k);
    else v.fill(NaN);
    const norms = Float64Array.from({ length: k }, (_, j) => columnNorm(w, rows, k, j));
    const order = Array.from(norms.keys()).sort((i, j) => norms[j] - norms[i]);
    for (let j = 0; j < k; j++) outS[b * k + j] = ok ? norms[order[j]] : NaN;
    if (outU === null) continue;
    orthonormalBasis(basis, w, norms, order, rows, k, size);
    const tall = wide ? outVt : outU;
    const square = wide ? outU : outVt;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < size; j++) tall[b * rows * size + (wide ? j * rows + i : i * size + j)] = basis[i * size + j];
    }
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) square[b * k * k + (wide ? i * k + j : j * k + i)] = v[i * k + order[j]];
    }
  }
}

function columnNorm(w, rows, k, j) {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += w[i * k + j] ** 2;
  return Math.sqrt(sum);
}

// Rotate pairs of columns of w until all are orthogonal; v collects the rotations.
function jacobiRotations(w, v, rows, k) {
  for (let i = 0; i < k * k; i++) v[i] = i % (k + 1) === 0 ? 1 : 0;
  let rotated = true;
  for (let sweep = 0; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let p = 0; p < k - 1; p++) {
      for (let q = p + 1; q < k; q++) {
        let pp = 0, qq = 0, pq = 0;
        for (let i = 0; i < rows; i++) {
          const x = w[i * k + p], y = w[i * k + q];
          pp += x * x;
          qq += y * y;
          pq += x * y;
        }
        if (Math.abs(pq) <= 1e-15 * Math.sqrt(pp * qq)) continue;
        rotated = true;
        const zeta = (qq - pp) / (2 * pq);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotateColumns(w, rows, k, p, q, c, c * t);
        rotateColumns(v, k, k, p, q, c, c * t);
      }
    }
  }
}

function rotateColumns(x, rows, k, p, q, c, s) {
  for (let i = 0; i < rows; i++) {
    const a = x[i * k + p], b = x[i * k + q];
    x[i * k + p] = c * a - s * b;
    x[i * k + q] = s * a + c * b;
  }
}

// Unit vectors along the columns of w, completed to `size` orthonormal columns where w has none to offer.
function orthonormalBasis(basis, w, norms, order, rows, k, size) {
  const tiny = 1e-14 * rows * Math.max(...norms);
  let candidate = 0;
  for (let j = 0; j < size; j++) {
    const given = j < k && !(norms[order[j]] <= tiny);
    let norm = given ? norms[order[j]] : 0;
    for (let i = 0; i < rows && given; i++) basis[i * size + j] = w[i * k + order[j]] / norm;
    while (norm === 0) {
      for (let i = 0; i < rows; i++) basis[i * size + j] = i === candidate ? 1 : 0;
      candidate++;
      for (let pass = 0; pass < 2; pass++) removeComponents(basis, rows, size, j);
      norm = columnNorm(basis, rows, size, j);
      if (norm < 0.01) norm = 0;
      for (let i = 0; i < rows && norm; i++) basis[i * size + j] /= norm;
    }
  }
}

// Make column j orthogonal to those before it.
function removeComponents(basis, rows, size, j) {
  for (let other = 0; other < j; other++) {
    let dot = 0;
    for (let i = 0; i < rows; i++) dot += basis[i * size + j] * basis[i * size + other];
    for (let i = 0; i < rows; i++) basis[i * size + j] -= dot * basis[i * size + other];
  }
}

// Thomas's algorithm for tridiagonal systems with m right-hand sides.
function tridiagonalSolve(out, lower, startL, diagonal, startD, upper, startU, y, startY, batch, n, m) {
  const c = new Float64Array(n);
  for (let b = 0; b < batch; b++) {
    for (let k = 0; k < m; k++) {
      const x = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        const below = i > 0 ? lower[startL + b * n + i] : 0;
        const pivot = diagonal[startD + b * n + i] - (i > 0 ? below * c[i - 1] : 0);
        c[i] = upper[startU + b * n + i] / pivot;
        x[i] = (y[startY + (b * n + i) * m + k] - (i > 0 ? below * x[i - 1] : 0)) / pivot;
      }
      for (let i = n - 2; i >= 0; i--) x[i] -= c[i] * x[i + 1];
      for (let i = 0; i < n; i++) out[(b * n + i) * m + k] = x[i];
    }
  }
}
