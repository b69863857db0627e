const bits = new DataView(new ArrayBuffer(8));

function bitsToFloat32(u) {
  bits.setUint32(0, u);
  return bits.getFloat32(0);
}

function floatToBits32(x) {
  bits.setFloat32(0, x);
  return bits.getUint32(0);
}

function bitsToFloat64(u) {
  bits.setBigUint64(0, u);
  return bits.getFloat64(0);
}

function floatToBits64(x) {
  bits.setFloat64(0, x);
  return bits.getBigUint64(0);
}

function floatToInt32(x) {
  return x >= 2147483647 ? 2147483647 : x <= -2147483648 ? -2147483648 : x | 0;
}

function floatToUint32(x) {
  return x >= 4294967295 ? 4294967295 : x > 0 ? x >>> 0 : 0;
}

function floatToInt64(x) {
  return x === x ? Math.trunc(Math.min(Math.max(x, -9223372036854775808), 9223372036854775807)) + 0 : 0;
}

function floatToUint64(x) {
  return x >= 18446744073709551615 ? 18446744073709551615n : x > 0 ? BigInt(Math.trunc(x)) : 0n;
}

// XLA's integer division: towards zero, and all bits set when dividing by zero.
function divideInteger(a, b) {
  return b === 0 ? -1 : (a - (a % b)) / b;
}

function remainderInteger(a, b) {
  return b === 0 ? a : (a % b) + 0;
}

function divideBigInt(a, b) {
  return b === 0n ? -1n : a / b;
}

function remainderBigInt(a, b) {
  return b === 0n ? a : a % b;
}

function bitwiseInt64(operation, a, b) {
  return Number(BigInt.asIntN(64, operation(BigInt(a), BigInt(b))));
}

function populationCount(x) {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function roundHalfEven(x) {
  const r = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 ? 2 * Math.round(x / 2) : r;
}

function roundHalfAway(x) {
  const t = Math.trunc(x);
  return Math.abs(x - t) >= 0.5 ? t + Math.sign(x) : t;
}

// C's pow: unlike JavaScript's, 1 ** NaN and (-1) ** Infinity are 1.
function power(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b);
}

function nextAfter32(a, b) {
  if (a !== a || b !== b) return NaN;
  if (a === b) return b;
  if (a === 0) return b > 0 ? bitsToFloat32(1) : bitsToFloat32(0x80000001);
  return bitsToFloat32(floatToBits32(a) + (a < b === a > 0 ? 1 : -1));
}

function nextAfter64(a, b) {
  if (a !== a || b !== b) return NaN;
  if (a === b) return b;
  if (a === 0) return b > 0 ? 5e-324 : -5e-324;
  return bitsToFloat64(floatToBits64(a) + (a < b === a > 0 ? 1n : -1n));
}

function decodeBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}

function totalOrder(a, b) {
  if (a !== b) return a < b ? -1 : a > b ? 1 : (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
  return a === 0 ? Math.sign(1 / a - 1 / b) || 0 : 0;
}

function highProduct(a, b) {
  return Number((BigInt(a) * BigInt(b)) >> 32n);
}
