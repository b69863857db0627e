// Where the numbers come from: the compiled function in this page (program.js), a table, or the notebook's kernel.
// Every engine has ask(values, progress), which promises {dataset: {column: array}}, and about(), which says what it is.
// progress(data) is called with what there is so far, if the answer comes in rounds; when it gives false, nobody waits.

// Let one request run at a time, and of those that arrive meanwhile only the newest.
// answer(values, wanted) may ask wanted() whether no newer request has come; working(whether) is told of every change.
export function newestWins(answer, working = () => {}) {
  let busy = false;
  let next = null;
  return async function request(values) {
    next = values;
    if (busy) return;
    busy = true;
    working(true);
    try {
      while (next) {
        const now = next;
        next = null;
        await answer(now, () => next === null);
      }
    } finally {
      busy = false;
      working(false);
    }
  };
}

// --- a table that the kernel computed when the notebook ran ----------------------------------------------------------

export function tableEngine(page) {
  const unpacked = unpack(page.table);
  const stops = Object.entries(page.table.stops);
  const count = stops.reduce((product, [, values]) => product * values.length, 1);

  async function ask(values) {
    const columns = await unpacked;
    const row = stops.reduce((index, [name, options]) => index * options.length + options.indexOf(values[name]), 0);
    const data = {};
    for (const { name, at } of columns) {
      const [dataset, column] = name.split(".");
      (data[dataset] ??= {})[column] = at(row);
    }
    return data;
  }

  const about = () => `Shows ${count} settings that JAX computed when the notebook ran; run the notebook for any other.`;
  return { ask, about };
}

async function unpack({ columns, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const plain = new Uint8Array(await new Response(stream).arrayBuffer());
  let offset = 0;
  return columns.map((column) => {
    if (column.words) return { name: column.name, at: (row) => rowOfWords(column.words, row) };
    const values = unshuffled(plain.subarray(offset, offset + column.size), column.dtype);
    offset += column.size;
    const cut = (row) => values.subarray(...bounds(column, row));
    return { name: column.name, at: column.truth ? (row) => Array.from(cut(row), Boolean) : cut };
  });
}

const rowOfWords = (words, row) => (Array.isArray(words[0]) ? words[row] : words);

function bounds({ shared, lengths }, row) {
  if (shared) return [0, lengths[0]];
  if (lengths.length === 1) return [row * lengths[0], (row + 1) * lengths[0]];
  const start = lengths.slice(0, row).reduce((sum, length) => sum + length, 0);
  return [start, start + lengths[row]];
}

// The bytes stand plane by plane: first the first byte of every number, then the second, …
function unshuffled(planes, dtype) {
  const Type = TYPES[dtype];
  const width = Type.BYTES_PER_ELEMENT;
  const count = planes.length / width;
  const bytes = new Uint8Array(planes.length);
  for (let byte = 0; byte < width; byte++)
    for (let i = 0; i < count; i++) bytes[i * width + byte] = planes[byte * count + i];
  return new Type(bytes.buffer);
}

const TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
};

// --- the kernel of a notebook ----------------------------------------------------------------------------------------

export function kernelEngine(page, model) {
  let number = 0;
  const waiting = new Map();

  model.on("msg:custom", (message, buffers) => {
    if (message.answer !== "data" || !waiting.has(message.number)) return;
    const { resolve, reject } = waiting.get(message.number);
    waiting.delete(message.number);
    if (message.failed) reject(new Error(message.failed));
    else resolve(received(message.columns, buffers));
  });

  function ask(values) {
    return new Promise((resolve, reject) => {
      waiting.set(++number, { resolve, reject });
      model.send({ ask: "data", number, values });
    });
  }
  return { ask, about: () => "Runs in the notebook’s kernel: JAX, compiled by XLA." };
}

function received(columns, buffers) {
  const data = {};
  let next = 0;
  for (const { dataset, column, words, dtype, truth } of columns) {
    const values = words ?? new TYPES[dtype](aligned(buffers[next++]));
    (data[dataset] ??= {})[column] = truth ? Array.from(values, Boolean) : values;
  }
  return data;
}

// A buffer may arrive as a view of a longer message that starts anywhere.
function aligned(view) {
  const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
  return bytes.slice().buffer;
}
