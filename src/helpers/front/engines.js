// Where the numbers come from: the compiled function in this page, a table in this page, or the notebook's kernel.
// Every engine has ask(values), which promises {dataset: {column: array}}, and about(), which says what it is.

const SLOW = 10; // milliseconds: from here on a call runs in a worker, so that the page stays free

// Let one request run at a time, and of those that arrive meanwhile only the newest.
export function newestWins(answer) {
  let busy = false;
  let next = null;
  return async function request(values) {
    next = values;
    if (busy) return;
    busy = true;
    try {
      while (next) {
        const now = next;
        next = null;
        await answer(now);
      }
    } finally {
      busy = false;
    }
  };
}

// Which of several programs answers: the static controls count through their options, the last one fastest.
export function variant(page, values) {
  return page.static.reduce((index, name) => {
    const options = page.controls.find((control) => control.name === name)?.options ?? [false, true];
    return index * options.length + options.indexOf(values[name]);
  }, 0);
}

// The arguments as the compiled function takes them: numbers and arrays in the precision that the notebook computes in.
function argument(page, value) {
  if (Array.isArray(value)) return (page.double ? Float64Array : Float32Array).from(value);
  return page.double ? Number(value) : Math.fround(value);
}

function named({ columns, words }, leaves) {
  const data = {};
  for (const [dataset, table] of Object.entries(words)) data[dataset] = { ...table };
  columns.forEach(([dataset, column, truth], i) => {
    (data[dataset] ??= {})[column] = truth ? Array.from(leaves[i], Boolean) : leaves[i];
  });
  return data;
}

const moduleUrl = (source) => URL.createObjectURL(new Blob([source], { type: "text/javascript" }));

// --- the compiled function, in this page -----------------------------------------------------------------------------

const WORKER = `
  const functions = {};
  onmessage = async ({ data: { index, source, args } }) => {
    try {
      if (source) {
        // Made here: under file:// a worker may not load a module from its page's blobs.
        const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
        functions[index] = (await import(url)).default;
      }
      // The first calls are slow, because the browser is still compiling: they say little about the next ones.
      let [leaves, took, spent] = [null, 0, 0];
      do {
        const start = performance.now();
        leaves = functions[index](...args);
        took = performance.now() - start;
        spent += took;
      } while (source && spent < 100 && took > 0.5);
      postMessage({ leaves, took });
    } catch (error) {
      postMessage({ failed: String(error) });
    }
  };`;

export function pageEngine(page) {
  const urls = page.sources.map(moduleUrl);
  const functions = [];
  const history = page.sources.map(() => ({ inWorker: true, streak: 0 }));
  const away = workerThread(page.sources);
  let last = NaN;

  // A call moves to the worker, or back, when it was slow, or quick, twice in a row.
  function learn(index, took) {
    const known = history[index];
    last = took;
    const misplaced = known.inWorker ? took < SLOW : took > SLOW;
    known.streak = misplaced ? known.streak + 1 : 0;
    if (known.streak < 2) return;
    known.inWorker = !known.inWorker;
    known.streak = 0;
  }

  async function here(index, args) {
    functions[index] ??= (await import(urls[index])).default;
    const start = performance.now();
    const leaves = functions[index](...args);
    return { leaves, took: performance.now() - start };
  }

  async function ask(values) {
    const index = variant(page, values);
    const args = page.traced.map((name) => argument(page, values[name]));
    const far = history[index].inWorker && away.works && (await away.call(index, args));
    const { leaves, took } = far || (await here(index, args));
    learn(index, took);
    return named(page.shapes[index], leaves);
  }

  const size = Math.round(page.sources.reduce((sum, source) => sum + source.length, 0) / 1024);
  return {
    ask,
    source: page.sources[0],
    about: () =>
      `Runs in this page: the notebook’s JAX function as ${Math.max(1, size)} KB of JavaScript, ` +
      `${last < 1 ? "under 1" : Math.round(last)} ms a call.`,
  };
}

// A worker that calls the compiled functions. Where there are no workers `works` turns false, and call gives null.
function workerThread(sources) {
  let worker = null;
  const sent = new Set();
  const thread = { works: typeof Worker === "function", call };

  function call(index, args) {
    return new Promise((resolve) => {
      const settle = (answer) => {
        thread.works = Boolean(answer);
        resolve(answer);
      };
      try {
        worker ??= new Worker(moduleUrl(WORKER));
        worker.onmessage = ({ data }) => settle(data.failed ? null : data);
        worker.onerror = () => settle(null);
        worker.postMessage({ index, source: sent.has(index) ? null : sources[index], args });
        sent.add(index);
      } catch {
        settle(null);
      }
    });
  }
  return thread;
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
