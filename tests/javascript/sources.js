// === a chain becomes one loop ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// add
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    b3[i] = (fround(Math.exp(t1)) * b2[i]) + -t1;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a value with two readers is named ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// mul
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const t2 = fround(Math.exp(t1));
    b2[i] = t2 * (t2 + t1);
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b2.slice()];
}

// === what is cheap is computed again ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// add
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    b2[i] = t1 + t1;
  }
}

// mul
function k2() {
  for (let i = 0; i < 5; i++) {
    b3[i] = b2[i] * b1[i];
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b2.slice(), b3.slice()];
}

// === what is costly is stored by whoever comes first ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);
const b4 = new Float32Array(5);

// mul
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const t2 = tanh32(t1);
    b3[i] = t2;
    b2[i] = t2 * t1;
  }
}

// sqrt
function k2() {
  for (let i = 0; i < 5; i++) {
    b4[i] = Math.sqrt(b3[i]);
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b2.slice(), b4.slice()];
}

// === the same constant twice ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// exp
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = Math.exp((b1[i] * 3));
  }
}

// tanh
function k2() {
  for (let i = 0; i < 5; i++) {
    b3[i] = tanh32((b1[i] * 3));
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b2.slice(), b3.slice()];
}

// === nothing ===
const b1 = new Float32Array(5);

export default function (in0) {
  fill(b1, in0, 0);
  return [new Float32Array(0)];
}

// === what just does not cost too much ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(2);

// dynamic_slice
function k1(s2) {
  for (let i = 0; i < 2; i++) {
    const t1 = b1[s2 + i];
    b2[i] = (t1 * t1) + t1;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  const s1 = (number(in1, 1) | 0);
  const s2 = Math.min(Math.max((s1 < 0) ? (s1 + 5 | 0) : s1, 0), 3);
  k1(s2);
  return [b2.slice()];
}

// === an axis of one in another shape ===
const b1 = new Float32Array(24);
const b2 = new Float32Array(6);
const b3 = new Float32Array(6);

// reshape
function k1() {
  for (let i = 0; i < 2; i++) {
    const r1 = i * 12;
    const r2 = i * 3;
    for (let j = 0; j < 3; j++) {
      b2[r2 + j] = b1[r1 + j + 4];
    }
  }
}

// exp
function k2() {
  for (let i = 0; i < 6; i++) {
    b3[i] = Math.exp(b2[i]);
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b3.slice()];
}

// === looked up for two ===
const b1 = new Float32Array(5);
const b2 = new Int32Array(3);
const b3 = new Float32Array(3);
const b4 = new Float32Array(3);

// neg
function k1() {
  for (let i = 0; i < 3; i++) {
    b3[i] = -b1[Math.min(Math.max(b2[i], 0), 4)];
  }
}

// add
function k2() {
  for (let i = 0; i < 3; i++) {
    const t1 = b1[Math.min(Math.max(b2[i], 0), 4)];
    b4[i] = t1 + t1;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  return [b3.slice(), b4.slice()];
}

// === what is costly is stored ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// reduce_sum
function k1() {
  let a0 = 0;
  for (let i = 0; i < 5; i++) {
    const t1 = tanh32(b1[i]);
    b2[i] = t1;
    a0 = a0 + t1;
  }
  return a0;
}

// mul
function k2() {
  for (let i = 0; i < 5; i++) {
    const t1 = b2[i];
    b1[i] = t1 * fround(Math.sqrt(t1));
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  k2();
  return [Float32Array.of(s1), b1.slice()];
}

// === numbers ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// mul
function k1(s1) {
  const t1 = (s1 * s1) - fround(Math.exp(s1));
  for (let i = 0; i < 5; i++) {
    b2[i] = t1 * b1[i];
  }
}

export default function (in0, in1) {
  const s1 = fround(number(in0, 0));
  fill(b1, in1, 1);
  k1(s1);
  return [b2.slice()];
}

// === negative constants ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// add
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = (b1[i] * (-3)) + (-0.25);
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b2.slice()];
}

// === large constants ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);
const b4 = new Float32Array(5);
const b5 = new Float32Array(5);
const b6 = new Float32Array(5);
const b7 = new Float32Array(5);

// mul
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = b1[i] * 62;
  }
}

// mul
function k2() {
  for (let i = 0; i < 5; i++) {
    b3[i] = b1[i] * 1048576;
  }
}

// mul
function k3() {
  for (let i = 0; i < 5; i++) {
    b4[i] = b1[i] * 2147483648.0;
  }
}

// mul
function k4() {
  for (let i = 0; i < 5; i++) {
    b5[i] = b1[i] * 3000000000.0;
  }
}

// mul
function k5() {
  for (let i = 0; i < 5; i++) {
    b6[i] = b1[i] * 9.999999778196308e+21;
  }
}

// mul
function k6() {
  for (let i = 0; i < 5; i++) {
    b7[i] = b1[i] * (-Infinity);
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  k3();
  k4();
  k5();
  k6();
  return [b2.slice(), b3.slice(), b4.slice(), b5.slice(), b6.slice(), b7.slice()];
}

// === one element, shared ===
export default function (in0) {
  const s1 = fround(number(in0, 0));
  const s2 = fround(tanh32(s1));
  return [Float32Array.of(fround(s2 * s2)), Float32Array.of(fround(Math.sqrt(s2)))];
}

// === one element after another ===
const b1 = new Float32Array(2);

// exp
function k1(s1) {
  b1[0] = Math.exp(s1);
}

// mul
function k2(s2) {
  b1[1] = s2 * s2;
}

export default function (in0) {
  const s1 = fround(number(in0, 0));
  const s2 = fround(tanh32(s1));
  k1(s1);
  k2(s2);
  return [b1.slice()];
}

// === a position in a table ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(6);

function k1() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 2;
    for (let j = 0; j < 2; j++) {
      b2[r1 + j] = b1[i + j * 4 + 5];
    }
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b2.slice()];
}

// === a position in three dimensions ===
const b1 = new Float32Array(24);
const b2 = new Float32Array(24);

// mul
function k1() {
  for (let i = 0; i < 6; i++) {
    const r1 = i * 4;
    for (let j = 0; j < 4; j++) {
      b2[r1 + j] = b1[r1 - j + 3] * fround(Math.exp(b1[r1 + j]));
    }
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b2.slice()];
}

// === a row for each ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(4);
const b3 = new Float32Array(4);
const b4 = new Float32Array(12);

// exp
function k1() {
  for (let i = 0; i < 4; i++) {
    b3[i] = Math.exp(b2[i]);
  }
}

// add
function k2() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    for (let j = 0; j < 4; j++) {
      b4[r1 + j] = b1[r1 + j] + b3[j];
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  return [b4.slice()];
}

// === sums ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(4);
const b3 = new Float32Array(3);

// reduce_sum
function k1() {
  let a0 = 0;
  for (let i = 0; i < 12; i++) {
    a0 = a0 + b1[i];
  }
  return a0;
}

// reduce_sum
function k2() {
  for (let i = 0; i < 4; i++) {
    let a0 = 0;
    for (let j = 0; j < 3; j++) {
      a0 = a0 + b1[i + j * 4];
    }
    b2[i] = a0;
  }
}

// reduce_sum
function k3() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    let a0 = 0;
    for (let j = 0; j < 4; j++) {
      const t2 = b1[r1 + j];
      a0 = a0 + (t2 * t2);
    }
    b3[i] = a0;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  k2();
  k3();
  return [Float32Array.of(s1), b2.slice(), b3.slice()];
}

// === a sum over an axis of one ===
const b1 = new Float32Array(8);
const b2 = new Float32Array(2);

// reduce_sum
function k1() {
  for (let i = 0; i < 2; i++) {
    const r1 = i * 4;
    let a0 = 0;
    for (let j = 0; j < 4; j++) {
      a0 = a0 + b1[r1 + j];
    }
    b2[i] = a0;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b2.slice()];
}

// === shared by two sums ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(12);
const b3 = new Float32Array(3);
const b4 = new Float32Array(3);

// reduce_sum
function k1() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    let a0 = 0;
    let a1 = 0;
    for (let j = 0; j < 4; j++) {
      const t2 = b1[r1 + j];
      const t3 = fround(Math.exp(t2));
      a0 = a0 + t3;
      a1 = a1 + (t3 * t2);
    }
    b3[i] = a0;
    b4[i] = a1;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b3.slice(), b4.slice()];
}

// === softmax ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(12);
const b3 = new Float32Array(3);
const b4 = new Float32Array(12);

// reduce_sum
function k1() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    let a0 = 0;
    for (let j = 0; j < 4; j++) {
      const t2 = fround(Math.exp(b1[r1 + j]));
      b2[r1 + j] = t2;
      a0 = a0 + t2;
    }
    b3[i] = a0;
  }
}

// div
function k2() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    const t2 = b3[i];
    for (let j = 0; j < 4; j++) {
      b4[r1 + j] = b2[r1 + j] / t2;
    }
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b4.slice()];
}

// === the largest ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(3);
const b3 = new Int32Array(3);

// reduce_max
function k1() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    let a0 = -Infinity;
    for (let j = 0; j < 4; j++) {
      a0 = Math.max(a0, b1[r1 + j]);
    }
    b2[i] = a0;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  indexOfExtreme(b3, b1, 0, 3, 4, 1, (a, b) => a > b);
  return [b2.slice(), b3.slice()];
}

// === totals so far ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(12);

export default function (in0) {
  fill(b1, in0, 0);
  runningTotal(b2, b1, 0, 3, 4, 1, false, (a, b) => a + b);
  return [b2.slice()];
}

// === a product ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(12);
const b3 = new Float32Array(9);

// dot_general
function k1() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    const r2 = i * 3;
    for (let j = 0; j < 3; j++) {
      let a0 = 0;
      for (let k = 0; k < 4; k++) {
        a0 = a0 + b1[r1 + k] * b2[j + k * 3];
      }
      b3[r2 + j] = a0;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a product with two columns ===
const b1 = new Float32Array(240);
const b2 = new Float32Array(40);
const b3 = new Float32Array(24);

// dot_general
function k1() {
  for (let i = 0; i < 12; i += 2) {
    const r1 = i * 20;
    const r6 = i * 2;
    for (let j = 0; j < 2; j += 2) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
      for (let k = 0; k < 20; k++) {
        const t2 = b1[r1 + k];
        const t3 = b2[j + k * 2];
        a0 = a0 + t2 * t3;
        const t4 = b2[j + k * 2 + 1];
        a1 = a1 + t2 * t4;
        const t5 = b1[r1 + k + 20];
        a2 = a2 + t5 * t3;
        a3 = a3 + t5 * t4;
      }
      b3[r6 + j] = a0;
      b3[r6 + j + 1] = a1;
      b3[r6 + j + 2] = a2;
      b3[r6 + j + 3] = a3;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a product with one row ===
const b1 = new Float32Array(20);
const b2 = new Float32Array(240);
const b3 = new Float32Array(12);

// dot_general
function k1() {
  for (let i = 0; i < 12; i += 4) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let j = 0; j < 20; j++) {
      const t1 = b1[j];
      a0 = a0 + t1 * b2[i + j * 12];
      a1 = a1 + t1 * b2[i + j * 12 + 1];
      a2 = a2 + t1 * b2[i + j * 12 + 2];
      a3 = a3 + t1 * b2[i + j * 12 + 3];
    }
    b3[i] = a0;
    b3[i + 1] = a1;
    b3[i + 2] = a2;
    b3[i + 3] = a3;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a product with one column ===
const b1 = new Float32Array(240);
const b2 = new Float32Array(20);
const b3 = new Float32Array(12);

// dot_general
function k1() {
  for (let i = 0; i < 12; i += 4) {
    const r1 = i * 20;
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let j = 0; j < 20; j++) {
      const t2 = b2[j];
      a0 = a0 + b1[r1 + j] * t2;
      a1 = a1 + b1[r1 + j + 20] * t2;
      a2 = a2 + b1[r1 + j + 40] * t2;
      a3 = a3 + b1[r1 + j + 60] * t2;
    }
    b3[i] = a0;
    b3[i + 1] = a1;
    b3[i + 2] = a2;
    b3[i + 3] = a3;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === what is cheap is computed for each of eight columns ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(32);
const b3 = new Float32Array(24);

// dot_general
function k1() {
  for (let i$i = 0; i$i < 3; i$i += 2) {
    const i = Math.min(i$i, 1);
    const r1 = i * 4;
    const r10 = i * 8;
    for (let j = 0; j < 8; j += 4) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
      for (let k = 0; k < 4; k++) {
        const t2 = b1[r1 + k];
        const t3 = -t2;
        const t4 = b2[j + k * 8];
        a0 = a0 + t3 * t4;
        const t5 = b2[j + k * 8 + 1];
        a1 = a1 + t3 * t5;
        const t6 = b2[j + k * 8 + 2];
        a2 = a2 + t3 * t6;
        const t7 = b2[j + k * 8 + 3];
        a3 = a3 + t3 * t7;
        const t8 = b1[r1 + k + 4];
        const t9 = -t8;
        a4 = a4 + t9 * t4;
        a5 = a5 + t9 * t5;
        a6 = a6 + t9 * t6;
        a7 = a7 + t9 * t7;
      }
      b3[r10 + j] = a0;
      b3[r10 + j + 1] = a1;
      b3[r10 + j + 2] = a2;
      b3[r10 + j + 3] = a3;
      b3[r10 + j + 8] = a4;
      b3[r10 + j + 9] = a5;
      b3[r10 + j + 10] = a6;
      b3[r10 + j + 11] = a7;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === but not for each of nine ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(36);
const b3 = new Float32Array(12);
const b4 = new Float32Array(27);

// neg
function k1() {
  for (let i = 0; i < 12; i++) {
    b3[i] = -b1[i];
  }
}

// dot_general
function k2() {
  for (let i$i = 0; i$i < 3; i$i += 2) {
    const i = Math.min(i$i, 1);
    const r1 = i * 4;
    const r8 = i * 9;
    for (let j$j = 0; j$j < 9; j$j += 4) {
      const j = Math.min(j$j, 5);
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
      for (let k = 0; k < 4; k++) {
        const t2 = b3[r1 + k];
        const t3 = b2[j + k * 9];
        a0 = a0 + t2 * t3;
        const t4 = b2[j + k * 9 + 1];
        a1 = a1 + t2 * t4;
        const t5 = b2[j + k * 9 + 2];
        a2 = a2 + t2 * t5;
        const t6 = b2[j + k * 9 + 3];
        a3 = a3 + t2 * t6;
        const t7 = b3[r1 + k + 4];
        a4 = a4 + t7 * t3;
        a5 = a5 + t7 * t4;
        a6 = a6 + t7 * t5;
        a7 = a7 + t7 * t6;
      }
      b4[r8 + j] = a0;
      b4[r8 + j + 1] = a1;
      b4[r8 + j + 2] = a2;
      b4[r8 + j + 3] = a3;
      b4[r8 + j + 9] = a4;
      b4[r8 + j + 10] = a5;
      b4[r8 + j + 11] = a6;
      b4[r8 + j + 12] = a7;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  return [b4.slice()];
}

// === a product, and a sum of the same shape ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(12);
const b3 = new Float32Array(9);
const b4 = new Float32Array(9);

// dot_general
function k1() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    const r3 = i * 3;
    for (let j = 0; j < 3; j++) {
      const r2 = j * 4;
      let a0 = 0;
      for (let k = 0; k < 4; k++) {
        a0 = a0 + b1[r1 + k] * b2[r2 + k];
      }
      b3[r3 + j] = a0;
    }
  }
}

// reduce_sum
function k2() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    const r3 = i * 3;
    for (let j = 0; j < 3; j++) {
      const r2 = j * 4;
      let a0 = 0;
      for (let k = 0; k < 4; k++) {
        a0 = a0 + (b1[r1 + k] + b2[r2 + k]);
      }
      b4[r3 + j] = a0;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  return [b3.slice(), b4.slice()];
}

// === a product of what is computed ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(4);
const b3 = new Float32Array(4);
const b4 = new Float32Array(3);

// exp
function k1() {
  for (let i = 0; i < 4; i++) {
    b3[i] = Math.exp(b2[i]);
  }
}

// dot_general
function k2() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    let a0 = 0;
    for (let j = 0; j < 4; j++) {
      a0 = a0 + (tanh32(b1[r1 + j])) * b3[j];
    }
    b4[i] = a0;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  return [b4.slice()];
}

// === a layer ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(4);
const b3 = new Float32Array(3);
const b4 = new Float32Array(3);
const b5 = new Float32Array(3);

// dot_general
function k1() {
  for (let i = 0; i < 3; i++) {
    const r1 = i * 4;
    let a0 = 0;
    for (let j = 0; j < 4; j++) {
      a0 = a0 + b1[r1 + j] * b2[j];
    }
    b4[i] = a0;
  }
}

// max
function k2() {
  for (let i = 0; i < 3; i++) {
    b5[i] = Math.max((b4[i] + b3[i]), 0);
  }
}

export default function (in0, in1, in2) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  fill(b3, in2, 2);
  k1();
  k2();
  return [b5.slice()];
}

// === roundings go where all is smooth ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// mul
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const t2 = b2[i];
    b3[i] = ((t1 * t2) + t1) * t2;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === roundings stay where something jumps ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Int32Array(5);

// convert_element_type
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const t2 = b2[i];
    b3[i] = floatToInt32(fround(fround(fround(t1 * t2) + t1) * t2));
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === and where it jumps further in ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// floor
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const t2 = b2[i];
    b1[i] = Math.floor(fround(fround(fround(t1 * t2) + t1) * t2));
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  let s1 = 0;
  for (let step1 = 0; step1 < 2; step1++) {
    const s2 = s1 + 1 | 0;
    k1();
    s1 = s2;
  }
  return [b1.slice()];
}

// === words ===
const b1 = new Uint32Array(5);
const b2 = new Uint32Array(5);
const b3 = new Uint32Array(5);

// shift_left
function k1() {
  for (let i = 0; i < 5; i++) {
    b3[i] = (((b1[i] ^ b2[i]) >>> 0) << 7) >>> 0;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === shifts by any amount ===
const b1 = new Uint32Array(5);
const b2 = new Uint32Array(5);
const b3 = new Uint32Array(5);

// mul
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const t2 = b2[i];
    b3[i] = Math.imul(((t2 >>> 0 < 32 ? t1 << t2 : 0) >>> 0), ((t2 >>> 0 < 32 ? t1 >>> t2 : 0) >>> 0)) >>> 0;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a shift read by a product ===
const b1 = new Uint32Array(5);
const b2 = new Uint32Array(5);

// reduce_sum
function k1() {
  let a0 = 0;
  for (let i = 0; i < 5; i++) {
    a0 = a0 + fround(((b2[i] >>> 0 < 32 ? b1[i] << b2[i] : 0) >>> 0));
  }
  return a0;
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  const s1 = fround(k1());
  return [Float32Array.of(s1)];
}

// === flags ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// select_n
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const t2 = b2[i];
    b3[i] = ((t1 < t2) & ((t1 > 0) ? 0 : 1)) ? t1 : t2;
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === whole numbers ===
const b1 = new Int32Array(5);
const b2 = new Int32Array(5);
const b3 = new Int32Array(5);
const b4 = new Int32Array(5);

// mul
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    b2[i] = Math.imul(t1, t1);
  }
}

// div
function k2() {
  for (let i = 0; i < 5; i++) {
    b3[i] = divideInteger(b1[i], 3) | 0;
  }
}

// rem
function k3() {
  for (let i = 0; i < 5; i++) {
    b4[i] = remainderInteger(b1[i], 3) | 0;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  k3();
  return [b2.slice(), b3.slice(), b4.slice()];
}

// === two ways ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// neg
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = -b1[i];
  }
}

// exp
function k2() {
  for (let i = 0; i < 5; i++) {
    b2[i] = Math.exp(b1[i]);
  }
}

export default function (in0, in1) {
  const s1 = number(in0, 0) ? 1 : 0;
  fill(b1, in1, 1);
  if ((s1 ? 1 : 0) < 1) {
    k1();
  } else {
    k2();
  }
  return [b2.slice()];
}

// === two ways to a number ===
const b1 = new Float32Array(5);

// reduce_sum
function k1() {
  let a0 = 0;
  for (let i = 0; i < 5; i++) {
    a0 = a0 + b1[i];
  }
  return a0;
}

// reduce_sum
function k2() {
  let a0 = 0;
  for (let i = 0; i < 5; i++) {
    a0 = a0 + b1[i];
  }
  return a0;
}

export default function (in0, in1) {
  const s1 = number(in0, 0) ? 1 : 0;
  fill(b1, in1, 1);
  let s2 = 0;
  if ((s1 ? 1 : 0) < 1) {
    const s3 = fround(k1());
    const s4 = fround(s3 * 3);
    s2 = s4;
  } else {
    const s5 = fround(k2());
    s2 = s5;
  }
  return [Float32Array.of(s2)];
}

// === two ways from what is computed ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// neg
function k1() {
  for (let i = 0; i < 5; i++) {
    b1[i] = -b3[i];
  }
}

// exp
function k2() {
  for (let i = 0; i < 5; i++) {
    b1[i] = Math.exp(b2[i]);
  }
}

// mul
function k3() {
  for (let i = 0; i < 5; i++) {
    b3[i] = b1[i] * b2[i];
  }
}

export default function (in0, in1) {
  const s1 = number(in0, 0) ? 1 : 0;
  fill(b1, in1, 1);
  runningTotal(b2, b1, 0, 1, 5, 1, false, (a, b) => a + b);
  runningTotal(b3, b1, 0, 1, 5, 1, false, (a, b) => a * b);
  if ((s1 ? 1 : 0) < 1) {
    k1();
  } else {
    k2();
  }
  k3();
  return [b3.slice()];
}

// === three ways ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// exp
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = Math.exp(b1[i]);
  }
}

// neg
function k2() {
  for (let i = 0; i < 5; i++) {
    b2[i] = -b1[i];
  }
}

// tanh
function k3() {
  for (let i = 0; i < 5; i++) {
    b2[i] = tanh32(b1[i]);
  }
}

export default function (in0, in1) {
  const s1 = (number(in0, 0) | 0);
  fill(b1, in1, 1);
  const s2 = Math.min(Math.max(s1, 0), 2);
  if (s2 <= 0) {
    k1();
  } else if (s2 === 1) {
    k2();
  } else {
    k3();
  }
  return [b2.slice()];
}

// === a loop changes its carry in place ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// add
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    b1[i] = t1 + (t1 * b2[i]);
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  let s1 = 0;
  for (let step1 = 0; step1 < 9; step1++) {
    const s2 = s1 + 1 | 0;
    k1();
    s1 = s2;
  }
  return [b1.slice()];
}

// === a loop of two carries ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// add
function k1() {
  for (let i = 0; i < 5; i++) {
    b3[i] = b1[i] + b2[i];
  }
}

// mul
function k2() {
  for (let i = 0; i < 5; i++) {
    b2[i] = b1[i] * 0.5;
  }
}

function k3() {
  for (let i = 0; i < 5; i++) {
    b1[i] = b3[i];
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  let s1 = 0;
  for (let step1 = 0; step1 < 9; step1++) {
    const s2 = s1 + 1 | 0;
    k1();
    k2();
    k3();
    s1 = s2;
  }
  return [b1.slice(), b2.slice()];
}

// === two carries that start alike ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// exp
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = Math.exp(b1[i]);
  }
}

// exp
function k2() {
  for (let i = 0; i < 5; i++) {
    b3[i] = Math.exp(b1[i]);
  }
}

// add
function k3() {
  for (let i = 0; i < 5; i++) {
    b2[i] = b2[i] + b3[i];
  }
}

// neg
function k4() {
  for (let i = 0; i < 5; i++) {
    b3[i] = -b3[i];
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  let s1 = 0;
  k1();
  k2();
  for (let step1 = 0; step1 < 9; step1++) {
    const s2 = s1 + 1 | 0;
    k3();
    k4();
    s1 = s2;
  }
  return [b2.slice(), b3.slice()];
}

// === two carries that start in one place ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// scan
function k1() {
  for (let i = 0; i < 5; i++) {
    b1[i] = b2[i];
  }
}

// add
function k2() {
  for (let i = 0; i < 5; i++) {
    b1[i] = b1[i] + b2[i];
  }
}

// neg
function k3() {
  for (let i = 0; i < 5; i++) {
    b2[i] = -b2[i];
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  runningTotal(b2, b1, 0, 1, 5, 1, false, (a, b) => a + b);
  let s1 = 0;
  k1();
  for (let step1 = 0; step1 < 9; step1++) {
    const s2 = s1 + 1 | 0;
    k2();
    k3();
    s1 = s2;
  }
  return [b1.slice(), b2.slice()];
}

// === a loop that sums into its carry ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// exp
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = Math.exp(b1[i]);
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  let s1 = 0;
  for (let step1 = 0; step1 < 9; step1++) {
    k1();
    runningTotal(b1, b2, 0, 1, 5, 1, false, (a, b) => a + b);
    const s2 = s1 + 1 | 0;
    s1 = s2;
  }
  return [b1.slice()];
}

// === a loop that keeps what it was ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(4);
const b3 = new Float32Array(12);

// scan
function k1() {
  for (let i = 0; i < 4; i++) {
    b2[i] = b1[i];
  }
}

// mul
function k2(step1) {
  const r1 = step1 * 4;
  for (let i = 0; i < 4; i++) {
    b3[r1 + i] = b2[i] * b1[r1 + i];
  }
}

// add
function k3(step1) {
  const r1 = step1 * 4;
  for (let i = 0; i < 4; i++) {
    b2[i] = b2[i] + b1[r1 + i];
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  for (let step1 = 0; step1 < 3; step1++) {
    k2(step1);
    k3(step1);
  }
  return [b2.slice(), b3.slice()];
}

// === a loop with an end of its own ===
export default function (in0) {
  const s1 = fround(number(in0, 0));
  let s2 = fround(Math.exp(s1));
  while (true) {
    if (!(s2 < 9)) break;
    const s3 = fround(s2 * 3);
    s2 = s3;
  }
  return [Float32Array.of(s2)];
}

// === what no step changes is computed before ===
const b1 = new Float32Array(5);

// reduce_sum
function k1() {
  let a0 = 0;
  for (let i = 0; i < 5; i++) {
    a0 = a0 + fround(Math.exp(b1[i]));
  }
  return a0;
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  const s1 = fround(number(in1, 1));
  const s2 = fround(k1());
  let s3 = 0;
  let s4 = s1;
  for (let step1 = 0; step1 < 9; step1++) {
    const s5 = s3 + 1 | 0;
    const s6 = fround(s4 * s2);
    s3 = s5;
    s4 = s6;
  }
  return [Float32Array.of(s4)];
}

// === an element is replaced ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);

// exp
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = Math.exp(b1[i]);
  }
}

// dynamic_update_slice
function k2(s2, s3) {
  b2[s3] = s2;
}

export default function (in0, in1, in2) {
  fill(b1, in0, 0);
  const s1 = (number(in1, 1) | 0);
  const s2 = fround(number(in2, 2));
  const s3 = Math.min(Math.max((s1 < 0) ? (s1 + 5 | 0) : s1, 0), 4);
  k1();
  k2(s2, s3);
  return [b2.slice()];
}

// === elements are looked up ===
const b1 = new Float32Array(5);

export default function (in0, in1) {
  fill(b1, in0, 0);
  const s1 = (number(in1, 1) | 0);
  const s2 = Math.min(Math.max((s1 < 0) ? (s1 + 5 | 0) : s1, 0), 3);
  return [b1.slice(s2, s2 + 2)];
}

// === a copy before the change ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(3);

export default function (in0) {
  fill(b1, in0, 0);
  runningTotal(b2, b1, 0, 1, 5, 1, false, (a, b) => a + b);
  sortRows([b3], [[b2, 1]], 1, 3, 1, 1);
  return [b2.slice(), b3.slice()];
}

// === to lower precision and back ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Int32Array(5);

// reduce_precision
function k1() {
  for (let i = 0; i < 5; i++) {
    b2[i] = Math.exp(b1[i]);
  }
}

// convert_element_type
function k2() {
  for (let i = 0; i < 5; i++) {
    b3[i] = Math.min(Math.max(floatToInt32(b1[i]), 0), 255) | 0;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b2.slice(), b3.slice()];
}

// === side by side ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(12);

// exp
function k1() {
  for (let i = 0; i < 5; i++) {
    b3[i] = Math.exp(b1[i]);
  }
}

// concatenate
function k2() {
  for (let i = 0; i < 5; i++) {
    b3[i + 5] = b2[i];
  }
}

// concatenate
function k3() {
  for (let i = 0; i < 2; i++) {
    b3[i + 10] = b1[i];
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  k3();
  return [b3.slice()];
}

// === padded ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(12);

// pad
function k1() {
  for (let i = 0; i < 12; i++) {
    b2[i] = 7;
  }
}

// pad
function k2() {
  for (let i = 0; i < 5; i++) {
    b2[i * 2 + 1] = b1[i];
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b2.slice()];
}

// === a window slides ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(3);
const b3 = new Float32Array(14);
const b4 = new Float32Array(12);

// conv_general_dilated
function k1() {
  for (let i = 0; i < 14; i++) {
    b3[i] = 0;
  }
}

// conv_general_dilated
function k2() {
  for (let i = 0; i < 12; i++) {
    b3[i + 1] = b1[i];
  }
}

// conv_general_dilated
function k3() {
  for (let i = 0; i < 12; i++) {
    let a0 = 0;
    for (let j = 0; j < 3; j++) {
      a0 = a0 + b3[i + j] * b2[j];
    }
    b4[i] = a0;
  }
}

function k4() {
  for (let i = 0; i < 12; i++) {
    b1[i] = b4[i];
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  k3();
  k4();
  return [b1.slice()];
}

// === a number with two readers ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);

// mul
function k1(s2) {
  for (let i = 0; i < 5; i++) {
    b2[i] = b1[i] * s2;
  }
}

// add
function k2(s2) {
  for (let i = 0; i < 5; i++) {
    b3[i] = b1[i] + s2;
  }
}

export default function (in0, in1) {
  const s1 = fround(number(in0, 0));
  fill(b1, in1, 1);
  const s2 = fround(Math.exp(s1));
  k1(s2);
  k2(s2);
  return [b2.slice(), b3.slice()];
}

// === a part in another shape ===
const b1 = new Float32Array(12);
const b2 = new Float32Array(8);

// exp
function k1() {
  for (let i = 0; i < 8; i++) {
    b2[i] = Math.exp(b1[i + 4]);
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b2.slice()];
}

// === many numbers at once ===
const b1 = new Float32Array(100);

// reduce_sum
function k1() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 100; i += 4) {
    const t1 = b1[i];
    a0 = a0 + (t1 * t1);
    const t2 = b1[i + 1];
    a1 = a1 + (t2 * t2);
    const t3 = b1[i + 2];
    a2 = a2 + (t3 * t3);
    const t4 = b1[i + 3];
    a3 = a3 + (t4 * t4);
  }
  return a0 + a1 + a2 + a3;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  return [Float32Array.of(s1)];
}

// === many numbers and a function ===
const b1 = new Float32Array(100);

// reduce_sum
function k1() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 100; i += 4) {
    a0 = a0 + fround(Math.exp(b1[i]));
    a1 = a1 + fround(Math.exp(b1[i + 1]));
    a2 = a2 + fround(Math.exp(b1[i + 2]));
    a3 = a3 + fround(Math.exp(b1[i + 3]));
  }
  return a0 + a1 + a2 + a3;
}

// reduce_sum
function k2() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 100; i += 4) {
    a0 = a0 + (tanh32(b1[i]));
    a1 = a1 + (tanh32(b1[i + 1]));
    a2 = a2 + (tanh32(b1[i + 2]));
    a3 = a3 + (tanh32(b1[i + 3]));
  }
  return a0 + a1 + a2 + a3;
}

// reduce_sum
function k3() {
  let a0 = 0;
  for (let i = 0; i < 100; i++) {
    a0 = a0 + fround(logGamma(b1[i]));
  }
  return a0;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  const s2 = fround(k2());
  const s3 = fround(k3());
  return [Float32Array.of(s1), Float32Array.of(s2), Float32Array.of(s3)];
}

// === a sum of 65 ===
const b1 = new Float32Array(65);

// reduce_sum
function k1() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0;
  for (let i = 0; i < 65; i += 5) {
    const t1 = b1[i];
    a0 = a0 + (t1 * t1);
    const t2 = b1[i + 1];
    a1 = a1 + (t2 * t2);
    const t3 = b1[i + 2];
    a2 = a2 + (t3 * t3);
    const t4 = b1[i + 3];
    a3 = a3 + (t4 * t4);
    const t5 = b1[i + 4];
    a4 = a4 + (t5 * t5);
  }
  return a0 + a1 + a2 + a3 + a4;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  return [Float32Array.of(s1)];
}

// === a sum of 66 ===
const b1 = new Float32Array(66);

// reduce_sum
function k1() {
  let a0 = 0, a1 = 0, a2 = 0;
  for (let i = 0; i < 66; i += 3) {
    const t1 = b1[i];
    a0 = a0 + (t1 * t1);
    const t2 = b1[i + 1];
    a1 = a1 + (t2 * t2);
    const t3 = b1[i + 2];
    a2 = a2 + (t3 * t3);
  }
  return a0 + a1 + a2;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  return [Float32Array.of(s1)];
}

// === a sum of 67 ===
const b1 = new Float32Array(67);

// reduce_sum
function k1() {
  let a0 = 0;
  for (let i = 0; i < 67; i++) {
    const t1 = b1[i];
    a0 = a0 + (t1 * t1);
  }
  return a0;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  return [Float32Array.of(s1)];
}

// === a sum of 74 ===
const b1 = new Float32Array(74);

// reduce_sum
function k1() {
  let a0 = 0, a1 = 0;
  for (let i = 0; i < 74; i += 2) {
    const t1 = b1[i];
    a0 = a0 + (t1 * t1);
    const t2 = b1[i + 1];
    a1 = a1 + (t2 * t2);
  }
  return a0 + a1;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  return [Float32Array.of(s1)];
}

// === a sum of two axes ===
const b1 = new Float32Array(240);

// reduce_sum
function k1() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0;
  for (let i = 0; i < 12; i++) {
    const r1 = i * 20;
    for (let j = 0; j < 15; j += 5) {
      a0 = a0 + b1[r1 - j + 15];
      a1 = a1 + b1[r1 - j + 14];
      a2 = a2 + b1[r1 - j + 13];
      a3 = a3 + b1[r1 - j + 12];
      a4 = a4 + b1[r1 - j + 11];
    }
  }
  return a0 + a1 + a2 + a3 + a4;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  return [Float32Array.of(s1)];
}

// === bits of all ===
const b1 = new Uint32Array(5);
const b2 = new Int32Array(5);

// reduce_or
function k1() {
  let a0 = 0;
  for (let i = 0; i < 5; i++) {
    a0 = (a0 | b1[i]) >>> 0;
  }
  return a0;
}

// reduce_or
function k2() {
  let a0 = 0;
  for (let i = 0; i < 5; i++) {
    a0 = (a0 | b2[i]);
  }
  return a0;
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  const s1 = k1();
  const s2 = k2();
  return [Uint32Array.of(s1), Int32Array.of(s2)];
}

// === five sums of rows ===
const b1 = new Float32Array(240);
const b2 = new Float32Array(12);
const b3 = new Float32Array(12);
const b4 = new Float32Array(12);
const b5 = new Float32Array(12);
const b6 = new Float32Array(12);

// reduce_sum
function k1() {
  for (let i = 0; i < 12; i += 2) {
    const r1 = i * 20;
    let a0 = 0, a1 = 0;
    let a2 = 0, a3 = 0;
    let a4 = 0, a5 = 0;
    let a6 = 0, a7 = 0;
    for (let j = 0; j < 20; j++) {
      const t2 = b1[r1 + j];
      a0 = a0 + (t2 * 2);
      a2 = a2 + (t2 * 3);
      a4 = a4 + (t2 * 4);
      a6 = a6 + (t2 * 5);
      const t3 = b1[r1 + j + 20];
      a1 = a1 + (t3 * 2);
      a3 = a3 + (t3 * 3);
      a5 = a5 + (t3 * 4);
      a7 = a7 + (t3 * 5);
    }
    b2[i] = a0;
    b2[i + 1] = a1;
    b3[i] = a2;
    b3[i + 1] = a3;
    b4[i] = a4;
    b4[i + 1] = a5;
    b5[i] = a6;
    b5[i + 1] = a7;
  }
}

// reduce_sum
function k2() {
  for (let i = 0; i < 12; i += 4) {
    const r1 = i * 20;
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let j = 0; j < 20; j++) {
      a0 = a0 + (b1[r1 + j] * 6);
      a1 = a1 + (b1[r1 + j + 20] * 6);
      a2 = a2 + (b1[r1 + j + 40] * 6);
      a3 = a3 + (b1[r1 + j + 60] * 6);
    }
    b6[i] = a0;
    b6[i + 1] = a1;
    b6[i + 2] = a2;
    b6[i + 3] = a3;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b2.slice(), b3.slice(), b4.slice(), b5.slice(), b6.slice()];
}

// === sums of many rows ===
const b1 = new Float32Array(240);
const b2 = new Float32Array(12);
const b3 = new Float32Array(20);

// reduce_sum
function k1() {
  for (let i = 0; i < 12; i += 4) {
    const r1 = i * 20;
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let j = 0; j < 20; j++) {
      a0 = a0 + b1[r1 + j];
      a1 = a1 + b1[r1 + j + 20];
      a2 = a2 + b1[r1 + j + 40];
      a3 = a3 + b1[r1 + j + 60];
    }
    b2[i] = a0;
    b2[i + 1] = a1;
    b2[i + 2] = a2;
    b2[i + 3] = a3;
  }
}

// reduce_sum
function k2() {
  for (let i = 0; i < 20; i += 4) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let j = 0; j < 12; j++) {
      a0 = a0 + b1[i + j * 20];
      a1 = a1 + b1[i + j * 20 + 1];
      a2 = a2 + b1[i + j * 20 + 2];
      a3 = a3 + b1[i + j * 20 + 3];
    }
    b3[i] = a0;
    b3[i + 1] = a1;
    b3[i + 2] = a2;
    b3[i + 3] = a3;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  k2();
  return [b2.slice(), b3.slice()];
}

// === five sums of one table ===
const b1 = new Float32Array(240);

// reduce_sum
function k1() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 240; i += 4) {
    a0 = a0 + b1[i];
    a1 = a1 + b1[i + 1];
    a2 = a2 + b1[i + 2];
    a3 = a3 + b1[i + 3];
  }
  return a0 + a1 + a2 + a3;
}

// reduce_sum
function k2() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 240; i += 4) {
    const t1 = b1[i];
    a0 = a0 + (t1 * t1);
    const t2 = b1[i + 1];
    a1 = a1 + (t2 * t2);
    const t3 = b1[i + 2];
    a2 = a2 + (t3 * t3);
    const t4 = b1[i + 3];
    a3 = a3 + (t4 * t4);
  }
  return a0 + a1 + a2 + a3;
}

// reduce_sum
function k3() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 240; i += 4) {
    const t1 = b1[i];
    a0 = a0 + (t1 * (t1 * t1));
    const t2 = b1[i + 1];
    a1 = a1 + (t2 * (t2 * t2));
    const t3 = b1[i + 2];
    a2 = a2 + (t3 * (t3 * t3));
    const t4 = b1[i + 3];
    a3 = a3 + (t4 * (t4 * t4));
  }
  return a0 + a1 + a2 + a3;
}

// reduce_sum
function k4() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 240; i += 4) {
    const t1 = b1[i];
    const t2 = t1 * t1;
    a0 = a0 + (t2 * t2);
    const t3 = b1[i + 1];
    const t4 = t3 * t3;
    a1 = a1 + (t4 * t4);
    const t5 = b1[i + 2];
    const t6 = t5 * t5;
    a2 = a2 + (t6 * t6);
    const t7 = b1[i + 3];
    const t8 = t7 * t7;
    a3 = a3 + (t8 * t8);
  }
  return a0 + a1 + a2 + a3;
}

// reduce_sum
function k5() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 240; i += 4) {
    const t1 = b1[i];
    const t2 = t1 * t1;
    a0 = a0 + (t1 * (t2 * t2));
    const t3 = b1[i + 1];
    const t4 = t3 * t3;
    a1 = a1 + (t3 * (t4 * t4));
    const t5 = b1[i + 2];
    const t6 = t5 * t5;
    a2 = a2 + (t5 * (t6 * t6));
    const t7 = b1[i + 3];
    const t8 = t7 * t7;
    a3 = a3 + (t7 * (t8 * t8));
  }
  return a0 + a1 + a2 + a3;
}

export default function (in0) {
  fill(b1, in0, 0);
  const s1 = fround(k1());
  const s2 = fround(k2());
  const s3 = fround(k3());
  const s4 = fround(k4());
  const s5 = fround(k5());
  return [Float32Array.of(s1), Float32Array.of(s2), Float32Array.of(s3), Float32Array.of(s4), Float32Array.of(s5)];
}

// === a large product ===
const b1 = new Float32Array(240);
const b2 = new Float32Array(240);
const b3 = new Float32Array(144);

// dot_general
function k1() {
  for (let i = 0; i < 12; i += 2) {
    const r1 = i * 20;
    const r8 = i * 12;
    for (let j = 0; j < 12; j += 4) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
      for (let k = 0; k < 20; k++) {
        const t2 = b1[r1 + k];
        const t3 = b2[j + k * 12];
        a0 = a0 + t2 * t3;
        const t4 = b2[j + k * 12 + 1];
        a1 = a1 + t2 * t4;
        const t5 = b2[j + k * 12 + 2];
        a2 = a2 + t2 * t5;
        const t6 = b2[j + k * 12 + 3];
        a3 = a3 + t2 * t6;
        const t7 = b1[r1 + k + 20];
        a4 = a4 + t7 * t3;
        a5 = a5 + t7 * t4;
        a6 = a6 + t7 * t5;
        a7 = a7 + t7 * t6;
      }
      b3[r8 + j] = a0;
      b3[r8 + j + 1] = a1;
      b3[r8 + j + 2] = a2;
      b3[r8 + j + 3] = a3;
      b3[r8 + j + 12] = a4;
      b3[r8 + j + 13] = a5;
      b3[r8 + j + 14] = a6;
      b3[r8 + j + 15] = a7;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a product with few columns ===
const b1 = new Float32Array(240);
const b2 = new Float32Array(120);
const b3 = new Float32Array(72);

// dot_general
function k1() {
  for (let i = 0; i < 12; i += 2) {
    const r1 = i * 20;
    const r10 = i * 6;
    for (let j = 0; j < 6; j += 6) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0, a8 = 0, a9 = 0, a10 = 0, a11 = 0;
      for (let k = 0; k < 20; k++) {
        const t2 = b1[r1 + k];
        const t3 = b2[j + k * 6];
        a0 = a0 + t2 * t3;
        const t4 = b2[j + k * 6 + 1];
        a1 = a1 + t2 * t4;
        const t5 = b2[j + k * 6 + 2];
        a2 = a2 + t2 * t5;
        const t6 = b2[j + k * 6 + 3];
        a3 = a3 + t2 * t6;
        const t7 = b2[j + k * 6 + 4];
        a4 = a4 + t2 * t7;
        const t8 = b2[j + k * 6 + 5];
        a5 = a5 + t2 * t8;
        const t9 = b1[r1 + k + 20];
        a6 = a6 + t9 * t3;
        a7 = a7 + t9 * t4;
        a8 = a8 + t9 * t5;
        a9 = a9 + t9 * t6;
        a10 = a10 + t9 * t7;
        a11 = a11 + t9 * t8;
      }
      b3[r10 + j] = a0;
      b3[r10 + j + 1] = a1;
      b3[r10 + j + 2] = a2;
      b3[r10 + j + 3] = a3;
      b3[r10 + j + 4] = a4;
      b3[r10 + j + 5] = a5;
      b3[r10 + j + 6] = a6;
      b3[r10 + j + 7] = a7;
      b3[r10 + j + 8] = a8;
      b3[r10 + j + 9] = a9;
      b3[r10 + j + 10] = a10;
      b3[r10 + j + 11] = a11;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === an outer product ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(25);

// add
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b1[i];
    const r2 = i * 5;
    for (let j = 0; j < 5; j++) {
      b3[r2 + j] = (t1 * b2[j]) + 1;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a constant that is one number ===
const b1 = new Float32Array(100);
const const1 = Float32Array.of(2);
const b2 = new Float32Array(100);

// mul
function k1() {
  const t1 = const1[0];
  for (let i = 0; i < 100; i++) {
    b2[i] = b1[i] * t1;
  }
}

export default function (in0) {
  fill(b1, in0, 0);
  k1();
  return [b2.slice()];
}

// === a long expression ===
const b1 = new Float32Array(5);
const b2 = new Float32Array(5);
const b3 = new Float32Array(5);
const b4 = new Float32Array(5);

// add
function k1() {
  for (let i = 0; i < 5; i++) {
    const t1 = b2[i];
    const t2 = ((((((((((((((b1[i] * t1) + 0) * t1) + 1) * t1) + 2) * t1) + 3) * t1) + 4) * t1) + 5) * t1) + 6) * t1;
    const t3 = ((((((((((((((t2 + 7) * t1) + 8) * t1) + 9) * t1) + 10) * t1) + 11) * t1) + 12) * t1) + 13) * t1) + 14;
    b3[i] = (t3 * t1) + 15;
  }
}

// add
function k2() {
  for (let i = 0; i < 5; i++) {
    const t1 = b2[i];
    const t2 = (((((((((((((b3[i] * t1) + 16) * t1) + 17) * t1) + 18) * t1) + 19) * t1) + 20) * t1) + 21) * t1) + 22;
    const t3 = ((((((((((((((t2 * t1) + 23) * t1) + 24) * t1) + 25) * t1) + 26) * t1) + 27) * t1) + 28) * t1) + 29) * t1;
    b1[i] = ((t3 + 30) * t1) + 31;
  }
}

// add
function k3() {
  for (let i = 0; i < 5; i++) {
    const t1 = b2[i];
    const t2 = (((((((((((((b1[i] * t1) + 32) * t1) + 33) * t1) + 34) * t1) + 35) * t1) + 36) * t1) + 37) * t1) + 38;
    b3[i] = (t2 * t1) + 39;
  }
}

// neg
function k4() {
  for (let i = 0; i < 5; i++) {
    b4[i] = -b3[i];
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  k2();
  k3();
  k4();
  return [b3.slice(), b4.slice()];
}

// === words drawn ===
const b1 = new Uint32Array(4);

// random_bits
function k1(s2) {
  for (let i = 0; i < 4; i++) {
    b1[i] = threefryXor(0, s2, 0, (i));
  }
}

export default function (in0) {
  const s1 = (number(in0, 0) | 0);
  const s2 = s1 >>> 0;
  k1(s2);
  return [b1.slice()];
}

// === what just counts as cheap ===
const b1 = new Uint32Array(16);
const b2 = new Uint32Array(16);
const b3 = new Uint32Array(16);

// dot_general
function k1() {
  for (let i = 0; i < 4; i += 2) {
    const r1 = i * 4;
    for (let j = 0; j < 4; j += 4) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
      for (let k = 0; k < 4; k++) {
        const t2 = b1[r1 + k];
        const t3 = b2[r1 + k];
        const t4 = (t3 >>> 0 < 32 ? t2 >>> t3 : 0) >>> 0;
        const t5 = b1[j + k * 4];
        const t6 = b2[j + k * 4];
        const t7 = Math.min(Math.max(t6, t5), t5);
        a0 = (a0 + (Math.imul(t4, t7) >>> 0) >>> 0);
        const t8 = b1[j + k * 4 + 1];
        const t9 = b2[j + k * 4 + 1];
        const t10 = Math.min(Math.max(t9, t8), t8);
        a1 = (a1 + (Math.imul(t4, t10) >>> 0) >>> 0);
        const t11 = b1[j + k * 4 + 2];
        const t12 = b2[j + k * 4 + 2];
        const t13 = Math.min(Math.max(t12, t11), t11);
        a2 = (a2 + (Math.imul(t4, t13) >>> 0) >>> 0);
        const t14 = b1[j + k * 4 + 3];
        const t15 = b2[j + k * 4 + 3];
        const t16 = Math.min(Math.max(t15, t14), t14);
        a3 = (a3 + (Math.imul(t4, t16) >>> 0) >>> 0);
        const t17 = b1[r1 + k + 4];
        const t18 = b2[r1 + k + 4];
        const t19 = (t18 >>> 0 < 32 ? t17 >>> t18 : 0) >>> 0;
        a4 = (a4 + (Math.imul(t19, t7) >>> 0) >>> 0);
        a5 = (a5 + (Math.imul(t19, t10) >>> 0) >>> 0);
        a6 = (a6 + (Math.imul(t19, t13) >>> 0) >>> 0);
        a7 = (a7 + (Math.imul(t19, t16) >>> 0) >>> 0);
      }
      b3[r1 + j] = a0;
      b3[r1 + j + 1] = a1;
      b3[r1 + j + 2] = a2;
      b3[r1 + j + 3] = a3;
      b3[r1 + j + 4] = a4;
      b3[r1 + j + 5] = a5;
      b3[r1 + j + 6] = a6;
      b3[r1 + j + 7] = a7;
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === a large product in WebAssembly ===
const memory = sharedMemory(2496);
const b1 = new Float32Array(memory.buffer, 0, 240);
const b2 = new Float32Array(memory.buffer, 960, 240);
const b3 = new Float32Array(memory.buffer, 1920, 144);

// dot_general
function k1() {
  for (let i = 0; i < 12; i += 2) {
    const r1 = i * 20;
    const r8 = i * 12;
    for (let j = 0; j < 12; j += 4) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
      for (let k = 0; k < 20; k++) {
        const t2 = b1[r1 + k];
        const t3 = b2[j + k * 12];
        a0 = a0 + t2 * t3;
        const t4 = b2[j + k * 12 + 1];
        a1 = a1 + t2 * t4;
        const t5 = b2[j + k * 12 + 2];
        a2 = a2 + t2 * t5;
        const t6 = b2[j + k * 12 + 3];
        a3 = a3 + t2 * t6;
        const t7 = b1[r1 + k + 20];
        a4 = a4 + t7 * t3;
        a5 = a5 + t7 * t4;
        a6 = a6 + t7 * t5;
        a7 = a7 + t7 * t6;
      }
      b3[r8 + j] = a0;
      b3[r8 + j + 1] = a1;
      b3[r8 + j + 2] = a2;
      b3[r8 + j + 3] = a3;
      b3[r8 + j + 12] = a4;
      b3[r8 + j + 13] = a5;
      b3[r8 + j + 14] = a6;
      b3[r8 + j + 15] = a7;
    }
  }
}

const [vk1] = vectorised("AGFzbQEAAAABBAFgAAACDgECanMGbWVtb3J5AgABAwIBAAcGAQJrMQAACpcCAZQCCwF/AX8BfwF7AX8BewF7AXsBewF7AX9DAAAAAP0TIQlBACEAA0AgAEEUbCEEIABBDGwhCkEAIQEDQCAJIQMgCSEGIAkhByAJIQhBACECA0AgASACQQxsav0AAsAHIQUgAyAEIAJq/QkCACAF/eYB/eQBIQMgBiAEIAJq/QkCUCAF/eYB/eQBIQYgByAEIAJq/QkCoAEgBf3mAf3kASEHIAggBCACav0JAvABIAX95gH95AEhCCACQQRqIQIgAkHQAEgNAAsgCiABaiAD/QsCgA8gCiABaiAG/QsCsA8gCiABaiAH/QsC4A8gCiABaiAI/QsCkBAgAUEQaiEBIAFBMEgNAAsgAEEQaiEAIABBMEgNAAsL", memory, [k1]);

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  vk1();
  return [b3.slice()];
}

// === products with a remainder in WebAssembly ===
const memory = sharedMemory(2704);
const b1 = new Float32Array(memory.buffer, 0, 240);
const b2 = new Float32Array(memory.buffer, 960, 240);
const b3 = new Float32Array(memory.buffer, 1920, 144);
const b4 = new Float32Array(memory.buffer, 2496, 49);

// dot_general
function k1() {
  for (let i = 0; i < 12; i += 2) {
    const r1 = i * 20;
    const r8 = i * 12;
    for (let j = 0; j < 12; j += 4) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
      for (let k = 0; k < 20; k++) {
        const t2 = b1[r1 + k];
        const t3 = b2[j + k * 12];
        a0 = a0 + t2 * t3;
        const t4 = b2[j + k * 12 + 1];
        a1 = a1 + t2 * t4;
        const t5 = b2[j + k * 12 + 2];
        a2 = a2 + t2 * t5;
        const t6 = b2[j + k * 12 + 3];
        a3 = a3 + t2 * t6;
        const t7 = b1[r1 + k + 20];
        a4 = a4 + t7 * t3;
        a5 = a5 + t7 * t4;
        a6 = a6 + t7 * t5;
        a7 = a7 + t7 * t6;
      }
      b3[r8 + j] = a0;
      b3[r8 + j + 1] = a1;
      b3[r8 + j + 2] = a2;
      b3[r8 + j + 3] = a3;
      b3[r8 + j + 12] = a4;
      b3[r8 + j + 13] = a5;
      b3[r8 + j + 14] = a6;
      b3[r8 + j + 15] = a7;
    }
  }
}

// dot_general
function k2() {
  for (let i$i = 0; i$i < 7; i$i += 2) {
    const i = Math.min(i$i, 5);
    const r1 = i * 20;
    const r8 = i * 7;
    for (let j$j = 0; j$j < 7; j$j += 4) {
      const j = Math.min(j$j, 3);
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
      for (let k = 0; k < 19; k++) {
        const t2 = b1[r1 + k];
        const t3 = b2[j + k * 12];
        a0 = a0 + t2 * t3;
        const t4 = b2[j + k * 12 + 1];
        a1 = a1 + t2 * t4;
        const t5 = b2[j + k * 12 + 2];
        a2 = a2 + t2 * t5;
        const t6 = b2[j + k * 12 + 3];
        a3 = a3 + t2 * t6;
        const t7 = b1[r1 + k + 20];
        a4 = a4 + t7 * t3;
        a5 = a5 + t7 * t4;
        a6 = a6 + t7 * t5;
        a7 = a7 + t7 * t6;
      }
      b4[r8 + j] = a0;
      b4[r8 + j + 1] = a1;
      b4[r8 + j + 2] = a2;
      b4[r8 + j + 3] = a3;
      b4[r8 + j + 7] = a4;
      b4[r8 + j + 8] = a5;
      b4[r8 + j + 9] = a6;
      b4[r8 + j + 10] = a7;
    }
  }
}

const [vk1, vk2] = vectorised("AGFzbQEAAAABBwJgAABgAAACDgECanMGbWVtb3J5AgABAwMCAAEHCwICazEAAAJrMgABCpoEApQCCwF/AX8BfwF7AX8BewF7AXsBewF7AX9DAAAAAP0TIQlBACEAA0AgAEEUbCEEIABBDGwhCkEAIQEDQCAJIQMgCSEGIAkhByAJIQhBACECA0AgASACQQxsav0AAsAHIQUgAyAEIAJq/QkCACAF/eYB/eQBIQMgBiAEIAJq/QkCUCAF/eYB/eQBIQYgByAEIAJq/QkCoAEgBf3mAf3kASEHIAggBCACav0JAvABIAX95gH95AEhCCACQQRqIQIgAkHQAEgNAAsgCiABaiAD/QsCgA8gCiABaiAG/QsCsA8gCiABaiAH/QsC4A8gCiABaiAI/QsCkBAgAUEQaiEBIAFBMEgNAAsgAEEQaiEAIABBMEgNAAsLgQIJAX8BfwF/AXsBfwF7AX8BfwF/QwAAAAD9EyEFQQAhAANAIABBFGwhBCAAQQdsIQYgAEEUbCEHIABBB2whCEEAIQEDQCAFIQNBACECA0AgAyAEIAJq/QkCACABIAJBDGxq/QACwAf95gH95AEhAyACQQRqIQIgAkHMAEgNAAsgBiABaiAD/QsCwBMgAUEQaiEBIAFBEEgNAAsDQCAFIQNBACECA0AgAyAHIAJq/QkCACABIAJBDGxq/QkCwAf95gH95AEhAyACQQRqIQIgAkHMAEgNAAsgCCABaiAD/VoCwBMAIAFBBGohASABQRxIDQALIABBBGohACAAQRxIDQALCw==", memory, [k1, k2]);

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  vk1();
  vk2();
  return [b3.slice(), b4.slice()];
}

// === sums with a remainder in WebAssembly ===
const memory = sharedMemory(1040);
const b1 = new Float32Array(memory.buffer, 0, 228);
const b2 = new Float32Array(67);
const b3 = new Float32Array(memory.buffer, 912, 12);
const b4 = new Float32Array(memory.buffer, 960, 19);

// reduce_sum
function k1() {
  for (let i = 0; i < 12; i += 4) {
    const r1 = i * 19;
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let j = 0; j < 19; j++) {
      a0 = a0 + b1[r1 + j];
      a1 = a1 + b1[r1 + j + 19];
      a2 = a2 + b1[r1 + j + 38];
      a3 = a3 + b1[r1 + j + 57];
    }
    b3[i] = a0;
    b3[i + 1] = a1;
    b3[i + 2] = a2;
    b3[i + 3] = a3;
  }
}

// reduce_sum
function k2() {
  for (let i$i = 0; i$i < 19; i$i += 4) {
    const i = Math.min(i$i, 15);
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let j = 0; j < 12; j++) {
      a0 = a0 + b1[i + j * 19];
      a1 = a1 + b1[i + j * 19 + 1];
      a2 = a2 + b1[i + j * 19 + 2];
      a3 = a3 + b1[i + j * 19 + 3];
    }
    b4[i] = a0;
    b4[i + 1] = a1;
    b4[i + 2] = a2;
    b4[i + 3] = a3;
  }
}

// reduce_sum
function k3() {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < 228; i += 4) {
    a0 = a0 + b1[i];
    a1 = a1 + b1[i + 1];
    a2 = a2 + b1[i + 2];
    a3 = a3 + b1[i + 3];
  }
  return a0 + a1 + a2 + a3;
}

// reduce_sum
function k4() {
  let a0 = 0;
  for (let i = 0; i < 67; i++) {
    a0 = a0 + b2[-i + 66];
  }
  return a0;
}

const [vk1, vk2, vk3] = vectorised("AGFzbQEAAAABCwNgAABgAABgAAF9Ag4BAmpzBm1lbW9yeQIAAQMEAwABAgcQAwJrMQAAAmsyAAECazMAAgrEBwO6BAoBfwF/AXsBfwF7AXsBewF/AXsBe/0M/////wAAAAAAAAAAAAAAACEIQwAAAAD9EyEJQQAhAANAIABBE2whAyAAQRNsIQcgCSECIAkhBCAJIQUgCSEGQQAhAQNAIAIgAyABav0AAgD95AEhAiAEIAMgAWr9AAJM/eQBIQQgBSADIAFq/QACmAH95AEhBSAGIAMgAWr9AALkAf3kASEGIAFBEGohASABQcAASA0ACwNAIAIgByABav0JAgD95AEgAiAI/VIhAiAEIAcgAWr9CQJM/eQBIAQgCP1SIQQgBSAHIAFq/QkCmAH95AEgBSAI/VIhBSAGIAcgAWr9CQLkAf3kASAGIAj9UiEGIAFBBGohASABQcwASA0ACyACIAIgAv0NCAkKCwwNDg8AAQIDBAUGB/3kASECIAIgAiAC/Q0EBQYHAAECAwwNDg8ICQoL/eQBIQIgACAC/VoCkAcAIAQgBCAE/Q0ICQoLDA0ODwABAgMEBQYH/eQBIQQgBCAEIAT9DQQFBgcAAQIDDA0ODwgJCgv95AEhBCAAIAT9WgKUBwAgBSAFIAX9DQgJCgsMDQ4PAAECAwQFBgf95AEhBSAFIAUgBf0NBAUGBwABAgMMDQ4PCAkKC/3kASEFIAAgBf1aApgHACAGIAYgBv0NCAkKCwwNDg8AAQIDBAUGB/3kASEGIAYgBiAG/Q0EBQYHAAECAwwNDg8ICQoL/eQBIQYgACAG/VoCnAcAIABBEGohACAAQTBIDQALC40CBwF/AX8BewF7AXsBewF7QwAAAAD9EyEGQQAhAANAIAYhAiAGIQMgBiEEIAYhBUEAIQEDQCACIAAgAUETbGr9AAIA/eQBIQIgAyAAIAFBE2xq/QACEP3kASEDIAQgACABQRNsav0AAiD95AEhBCAFIAAgAUETbGr9AAIw/eQBIQUgAUEEaiEBIAFBMEgNAAsgACAC/QsCwAcgACAD/QsC0AcgACAE/QsC4AcgACAF/QsC8AcgAEHAAGohACAAQcAASA0ACwNAIAYhAkEAIQEDQCACIAAgAUETbGr9CQIA/eQBIQIgAUEEaiEBIAFBMEgNAAsgACAC/VoCwAcAIABBBGohACAAQcwASA0ACwt3AwF/AXsBe0MAAAAA/RMhAiACIQFBACEAA0AgASAA/QACAP3kASEBIABBEGohACAAQZAHSA0ACyABIAEgAf0NCAkKCwwNDg8AAQIDBAUGB/3kASEBIAEgASAB/Q0EBQYHAAECAwwNDg8ICQoL/eQBIQEgAf0fAAs=", memory, [k1, k2, k3]);

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  vk1();
  vk2();
  const s1 = fround(vk3());
  const s2 = fround(k4());
  return [b3.slice(), b4.slice(), Float32Array.of(s1), Float32Array.of(s2)];
}

// === logarithms in WebAssembly ===
const memory = sharedMemory(512);
const b1 = new Float32Array(memory.buffer, 0, 64);
const b2 = new Float32Array(memory.buffer, 256, 64);

// log
function k1() {
  for (let i = 0; i < 64; i++) {
    b2[i] = Math.log(b1[i]);
  }
}

const [vk1] = vectorised("AGFzbQEAAAABBAFgAAACDgECanMGbWVtb3J5AgABAwIBAAcGAQJrMQAACu8DAewDHQF/AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXtDAACAAP0TIQJDAAAAS/0TIQRB84nU+QP9ESEGQwAAgD/9EyEIQRf9ESEKQ/Eusj39EyENQ1UZEr79EyEOQzi6GD79EyEPQybBKb79EyEQQ/hrTD79EyERQ8EBgL79EyESQ2yrqj79EyETQwAAAD/9EyEUQ46+vzX9EyEVQwByMT/9EyEWQwAAgH/9EyEYQwAAgP/9EyEZQwAAAAD9EyEaQwAAwH/9EyEbQQAhAANAIAD9AAIAIQEgASAC/UMhAyABIAT95gEgASAD/VIhBSAFIAb9sQFBF/2sASEHIAUgB0EX/asB/bEBIAj95QEhCSAHIAMgCv1O/bEB/foBIQsgCSAJ/eYBIQwgDSAJ/eYBIA795AEgCf3mASAP/eQBIAn95gEgEP3kASAJ/eYBIBH95AEgCf3mASAS/eQBIAn95gEgE/3kASAJ/eYBIAz95gEgDCAU/eYB/eUBIAsgFf3mAf3kASAJ/eQBIAsgFv3mAf3kASEXIBkgASAXIAEgGP1B/VIgASAa/UH9UiAbIAEgGv1G/VIhHCAAIBz9CwKAAiAAQRBqIQAgAEGAAkgNAAsL", memory, [k1]);

export default function (in0) {
  fill(b1, in0, 0);
  vk1();
  return [b2.slice()];
}

// === rows and columns in WebAssembly ===
const b1 = new Float32Array(240);
const b2 = new Float32Array(240);
const b3 = new Float32Array(240);

// add
function k1() {
  for (let i = 0; i < 20; i++) {
    const r1 = i * 12;
    for (let j = 0; j < 12; j++) {
      b3[r1 + j] = b1[i + j * 20] + b2[r1 + j];
    }
  }
}

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  k1();
  return [b3.slice()];
}

// === in WebAssembly ===
const memory = sharedMemory(768);
const b1 = new Float32Array(memory.buffer, 0, 64);
const b2 = new Float32Array(memory.buffer, 256, 64);
const b3 = new Float32Array(memory.buffer, 512, 64);

// add
function k1() {
  for (let i = 0; i < 64; i++) {
    const t1 = b1[i];
    b3[i] = (fround(Math.exp(t1)) * b2[i]) + -t1;
  }
}

const [vk1] = vectorised("AGFzbQEAAAABBAFgAAACDgECanMGbWVtb3J5AgABAwIBAAcGAQJrMQAACvQCAfECFAF/AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXsBewF7AXtDAACyQv0TIQJDAADQwv0TIQNDO6q4P/0TIQVDAHIxP/0TIQdDjr6/Nf0TIQhDpxG1Ov0TIQpDNh0JPP0TIQtDeqwqPf0TIQxDSKoqPv0TIQ1D/v//Pv0TIQ5DAACAP/0TIQ9B/wD9ESESQQAhAANAIAD9AAIAIQEgASAC/eoBIAP96wEhBCAEIAX95gH9aiEGIAQgBiAH/eYB/eUBIAYgCP3mAf3lASEJIAb9+AEhECAQQQH9rAEhESAJIAn95gEgCiAJ/eYBIAv95AEgCf3mASAM/eQBIAn95gEgDf3kASAJ/eYBIA795AH95gEgCf3kASAP/eQBIBEgEv2uAUEX/asB/eYBIBAgEf2xASAS/a4BQRf9qwH95gEhEyAAIBMgAP0AAoAC/eYBIAH94QH95AH9CwKABCAAQRBqIQAgAEGAAkgNAAsL", memory, [k1]);

export default function (in0, in1) {
  fill(b1, in0, 0);
  fill(b2, in1, 1);
  vk1();
  return [b3.slice()];
}
