// tanh at multiples of 1/64: between them, four terms of the Taylor series give float32 precision, faster than Math.tanh.
const tanhTable = Float64Array.from({ length: 1281 }, (_, k) => Math.tanh((k - 640) / 64));

function tanh32(x) {
  const y = x > 9.99 ? 9.99 : x < -9.99 ? -9.99 : x;
  const k = (y * 64 + 640.5) | 0;
  const h = y - (k - 640) * 0.015625;
  const t = tanhTable[k];
  return t + h * (1 - t * t) * (1 - h * (t + h * (0.3333333333333333 - t * t)));
}

// The error function: a power series near 0, a continued fraction far out.
function erf(x) {
  const a = Math.abs(x);
  if (a > 2.5) return Math.sign(x) * (1 - erfc(a));
  if (a !== a) return NaN;
  let term = x;
  let sum = x;
  for (let n = 1; n < 80 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return 1.1283791670955126 * Math.exp(-x * x) * sum;
}

function erfc(x) {
  if (!(x > 2.5)) return 1 - erf(x);
  if (x > 28) return 0;
  let tail = 0;
  for (let n = 60; n > 0; n--) tail = n / 2 / (x + tail);
  return (Math.exp(-x * x) * 0.5641895835477563) / (x + tail);
}

// Giles (2012), "Approximating the erfinv function": the polynomials that XLA evaluates.
function erfInverse32(x) {
  if (Math.abs(x) === 1) return x * Infinity;
  let w = -Math.log1p(-x * x);
  if (w < 5) {
    w -= 2.5;
    return x * polynomial(w, 2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
      -0.00125372503, -0.00417768164, 0.246640727, 1.50140941);
  }
  w = Math.sqrt(w) - 3;
  return x * polynomial(w, -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682);
}

function polynomial(w, ...coefficients) {
  let value = coefficients[0];
  for (let k = 1; k < coefficients.length; k++) value = coefficients[k] + value * w;
  return value;
}

function erfInverse(x) {
  if (Math.abs(x) === 1) return x * Infinity;
  let w = -Math.log1p(-x * x);
  if (w < 6.25) {
    w -= 3.125;
    return x * polynomial(w, -3.6444120640178196996e-21, -1.685059138182016589e-19, 1.2858480715256400167e-18,
      1.115787767802518096e-17, -1.333171662854620906e-16, 2.0972767875968561637e-17, 6.6376381343583238325e-15,
      -4.0545662729752068639e-14, -8.1519341976054721522e-14, 2.6335093153082322977e-12, -1.2975133253453532498e-11,
      -5.4154120542946279317e-11, 1.051212273321532285e-09, -4.1126339803469836976e-09, -2.9070369957882005086e-08,
      4.2347877827932403518e-07, -1.3654692000834678645e-06, -1.3882523362786468719e-05, 0.0001867342080340571352,
      -0.00074070253416626697512, -0.0060336708714301490533, 0.24015818242558961693, 1.6536545626831027356);
  }
  if (w < 16) {
    w = Math.sqrt(w) - 3.25;
    return x * polynomial(w, 2.2137376921775787049e-09, 9.0756561938885390979e-08, -2.7517406297064545428e-07,
      1.8239629214389227755e-08, 1.5027403968909827627e-06, -4.013867526981545969e-06, 2.9234449089955446044e-06,
      1.2475304481671778723e-05, -4.7318229009055733981e-05, 6.8284851459573175448e-05, 2.4031110387097893999e-05,
      -0.0003550375203628474796, 0.00095328937973738049703, -0.0016882755560235047313, 0.0024914420961078508066,
      -0.0037512085075692412107, 0.005370914553590063617, 1.0052589676941592334, 3.0838856104922207635);
  }
  w = Math.sqrt(w) - 5;
  return x * polynomial(w, -2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09,
    -3.7894654401267369937e-09, 7.6157012080783393804e-09, -1.4960026627149240478e-08, 2.9147953450901080826e-08,
    -6.7711997758452339498e-08, 2.2900482228026654717e-07, -9.9298272942317002539e-07, 4.5260625972231537039e-06,
    -1.9681778105531670567e-05, 7.5995277030017761139e-05, -0.00021503011930044477347, -0.00013871931833623122026,
    1.0103004648645343977, 4.8499064014085844221);
}

// The gamma function's logarithm, by Lanczos's approximation (g = 7, 9 terms).
function logGamma(x) {
  if (x !== x) return NaN;
  if (Math.abs(x) === Infinity) return Infinity;
  if (x < 0.5) {
    const s = Math.abs(Math.sin(Math.PI * (x - Math.floor(x))));
    return s === 0 ? Infinity : Math.log(Math.PI) - Math.log(s) - logGamma(1 - x);
  }
  const z = x - 1;
  const t = z + 7.5;
  return 0.9189385332046727 + (z + 0.5) * Math.log(t) - t + Math.log(lanczos(z));
}

function lanczos(z) {
  return 0.99999999999980993 + 676.520368121885098 / (z + 1) - 1259.13921672240287 / (z + 2) +
    771.32342877765313 / (z + 3) - 176.61502916214059 / (z + 4) + 12.5073432786869048 / (z + 5) -
    0.13857109526572012 / (z + 6) + 9.98436957801957166e-6 / (z + 7) + 1.50563273514931162e-7 / (z + 8);
}

function digamma(x) {
  if (x <= 0) {
    if (x === Math.floor(x)) return NaN;
    return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.floor(x)));
  }
  let shift = 0;
  for (; x < 10; x++) shift -= 1 / x;
  const s = 1 / (x * x);
  return shift + Math.log(x) - 0.5 / x -
    s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))));
}

// The regularised incomplete gamma functions: a series below the mean, a continued fraction above.
function gammaP(a, x) {
  if (!(a > 0) || !(x >= 0)) return NaN;
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

function gammaQ(a, x) {
  if (!(a > 0) || !(x >= 0)) return NaN;
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

function gammaSeries(a, x) {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < 2000 && term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

function gammaFraction(a, x) {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 2000; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b || 1e-300);
    c = b + an / c || 1e-300;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return h * Math.exp(a * Math.log(x) - x - logGamma(a));
}

// The regularised incomplete beta function, by its continued fraction.
function betaRatio(a, b, x) {
  if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) return NaN;
  if (x === 0 || x === 1) return x;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

function betaFraction(a, b, x) {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || 1e-300);
  let h = d;
  for (let m = 1; m < 2000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d || 1e-300);
    c = 1 + even / c || 1e-300;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d || 1e-300);
    c = 1 + odd / c || 1e-300;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return h;
}

// sum over k of 1 / (q + k)^s, by Euler and Maclaurin.
function hurwitzZeta(s, q) {
  if (s === 1) return Infinity;
  if (!(s > 1)) return NaN;
  if (q <= 0) return q === Math.floor(q) ? Infinity : NaN;
  let sum = 0;
  for (let k = 0; k < 12; k++, q++) sum += Math.pow(q, -s);
  sum += Math.pow(q, 1 - s) / (s - 1) + Math.pow(q, -s) / 2;
  const bernoulli = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000];
  let factor = s * Math.pow(q, -s - 1);
  for (let k = 0; k < bernoulli.length; k++) {
    sum += bernoulli[k] * factor;
    factor *= ((s + 2 * k + 1) * (s + 2 * k + 2)) / (q * q);
  }
  return sum;
}

function polygamma(n, x) {
  if (n === 0) return digamma(x);
  return (n % 2 === 0 ? -1 : 1) * Math.exp(logGamma(n + 1)) * hurwitzZeta(n + 1, x);
}

// exp(-|x|) times the modified Bessel functions of the first kind: power series, asymptotic series far out.
function besselI0e(x) {
  return besselScaled(0, Math.abs(x));
}

function besselI1e(x) {
  return Math.sign(x) * besselScaled(1, Math.abs(x));
}

function besselScaled(order, x) {
  let term = 1;
  let sum = 1;
  if (x < 30) {
    term = sum = order === 0 ? 1 : x / 2;
    for (let k = 1; k < 500 && term > sum * 1e-17; k++) {
      term *= (x * x) / (4 * k * (k + order));
      sum += term;
    }
    return sum * Math.exp(-x);
  }
  for (let k = 1; k < 30; k++) {
    const next = (-term * (4 * order * order - (2 * k - 1) ** 2)) / (8 * k * x);
    if (Math.abs(next) > Math.abs(term)) break;
    term = next;
    sum += term;
  }
  return sum / Math.sqrt(2 * Math.PI * x);
}
