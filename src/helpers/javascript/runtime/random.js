// Threefry-2x32 (Salmon et al. 2011): 20 rounds of add, rotate, xor. Leaves the two words in threefryLow, threefryHigh.
let threefryHigh = 0, threefryLow = 0;
function threefry(k0, k1, x0, x1) {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  x0 = (x0 + k0) | 0;
  x1 = (x1 + k1) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k1) | 0; x1 = (x1 + k2 + 1) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k2) | 0; x1 = (x1 + k0 + 2) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k0) | 0; x1 = (x1 + k1 + 3) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k1) | 0; x1 = (x1 + k2 + 4) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  threefryHigh = (x0 + k2) >>> 0;
  threefryLow = (x1 + k0 + 5) >>> 0;
}

function threefryFirst(k0, k1, x0, x1) {
  threefry(k0, k1, x0, x1);
  return threefryHigh;
}

function threefrySecond(k0, k1, x0, x1) {
  threefry(k0, k1, x0, x1);
  return threefryLow;
}

function threefryXor(k0, k1, x0, x1) {
  threefry(k0, k1, x0, x1);
  return (threefryHigh ^ threefryLow) >>> 0;
}

function threefryWide(k0, k1, x0, x1) {
  threefry(k0, k1, x0, x1);
  return (BigInt(threefryHigh) << 32n) | BigInt(threefryLow);
}

// The 52 upper bits after the point: a double in [1, 2).
function threefryDouble(k0, k1, x0, x1) {
  threefry(k0, k1, x0, x1);
  return 1 + (threefryHigh * 1048576 + (threefryLow >>> 12)) / 4503599627370496;
}
