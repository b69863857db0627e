// One sentence on what the chart shows now. The same rules as helpers/explorer/summary.py.

const FIELD = /\{([^{}:]+)(?::([^{}]*))?\}/g;

const REDUCE = {
  first: (values) => values[0],
  last: (values) => values[values.length - 1],
  min: (values) => extreme(values, (a, b) => a < b),
  max: (values) => extreme(values, (a, b) => a > b),
  mean: (values) => values.reduce((sum, value) => sum + Number(value), 0) / values.length,
  count: (values) => values.length,
};

function extreme(values, better) {
  let best = values[0];
  for (const value of values) if (Number.isNaN(value) || better(value, best)) best = value;
  return best;
}

export function fill(template, values, data) {
  return template.replace(FIELD, (_, path, form) => written(lookedUp(path, values, data), form ?? ""));
}

function lookedUp(path, values, data) {
  if (path in values) return values[path];
  const [dataset, column, reducer] = path.split(".");
  const found = Array.from(data[dataset]?.[column] ?? []);
  if (found.length === 0) return NaN;
  return reducer ? REDUCE[reducer](found) : found[0];
}

export function written(value, form = "") {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "infinity" : "minus infinity";
  if (form === "") form = Number.isInteger(value) && Math.abs(value) < 1e6 ? "d" : ".3g";
  const [, comma, digits, kind] = /(,?)(?:\.(\d+))?([fge%d]?)/.exec(form);
  return grouped(plain(value, digits === undefined ? 6 : Number(digits), kind), comma).replace(/-/g, "−");
}

function plain(value, digits, kind) {
  if (kind === "d") return String(Math.floor(value + 0.5));
  if (kind === "f") return value.toFixed(digits);
  if (kind === "%") return `${(100 * value).toFixed(digits)}%`;
  if (kind === "e") return exponential(value.toExponential(digits));
  return general(value, Math.max(1, digits));
}

// Python's "g": an exponent from 1e-5 down and from 10^digits up, and no zeros at the end.
function general(value, digits) {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  if (exponent < -4 || exponent >= digits) return exponential(`${trimmed(mantissa)}e${exponent}`);
  return trimmed(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
const exponential = (text) => text.replace("e+", "e");

function grouped(text, comma) {
  if (!comma) return text;
  const [whole, ...rest] = text.split(".");
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, ","), ...rest].join(".");
}
