// The compiled function, in this page: on its own thread when a call is slow, and round by round when it trains.

const SLOW = 10; // milliseconds: from here on a call runs in a worker, so that the page stays free

// Which of several programs answers: the static controls count through their options, the last one fastest.
export function variant(page, values) {
  return page.static.reduce((index, name) => {
    const options = page.controls.find((control) => control.name === name)?.options ?? [false, true];
    return index * options.length + options.indexOf(values[name]);
  }, 0);
}

// The arguments as the compiled function takes them: numbers and arrays in the precision that the notebook computes in.
function argument(page, name, value) {
  if (Array.isArray(value)) return (page.double ? Float64Array : Float32Array).from(value.flat());
  const control = page.controls.find((one) => one.name === name);
  const whole = control?.kind === "seed" || control?.format === ",d"; // a float32 holds integers up to 2 ** 24 only
  return page.double || whole ? Number(value) : Math.fround(value);
}

function named({ columns, words }, leaves) {
  const data = {};
  for (const [dataset, table] of Object.entries(words)) data[dataset] = { ...table };
  columns.forEach(([dataset, column, truth], i) => {
    (data[dataset] ??= {})[column] = truth ? Array.from(leaves[i], Boolean) : leaves[i];
  });
  return data;
}

// These three run here and, as text, in the worker.
function moduleUrl(source) {
  return URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
}

async function loaded({ start, advance, carried, rounds }) {
  const [first, next] = await Promise.all([start, advance].map((source) => source && import(moduleUrl(source))));
  return { start: first.default, advance: next?.default, carried, rounds };
}

// Call show(columns, last) with the result, and on the way with what a long training has so far, soon and then every SPAN
// milliseconds; stop when it gives false. Returns the milliseconds that the calls took. What is carried from round to
// round is copied, because a compiled function writes its results where it wrote the last ones.
async function called({ start, advance, carried, rounds }, args, show) {
  const span = 30;
  const soon = 12;
  let [took, shown] = [0, performance.now() - (span - soon)];
  const timed = (run, ...given) => {
    const before = performance.now();
    const leaves = run(...given);
    took += performance.now() - before;
    return leaves;
  };
  let leaves = timed(start, ...args);
  for (let round = 0; round < rounds; round++) {
    if (performance.now() - shown > span) {
      if (!(await show(leaves.slice(carried), false))) return took;
      shown = performance.now();
    }
    const carry = leaves.slice(0, carried).map((leaf) => leaf.slice());
    leaves = timed(advance, ...carry, ...args);
  }
  await show(leaves.slice(carried), true);
  return took;
}

const WORKER = `
  ${moduleUrl}
  ${loaded}
  ${called}
  const programs = {};
  let newest = 0;
  onmessage = async ({ data: { number, index, program, args } }) => {
    newest = number;
    const show = async (columns, last) => {
      postMessage({ number, columns, last });
      await new Promise((resolve) => setTimeout(resolve)); // lets a newer request in
      return newest === number;
    };
    try {
      if (program) programs[index] = await loaded(program);
      if (program) await warm(programs[index], args);
      postMessage({ number, took: await called(programs[index], args, show) });
    } catch (error) {
      postMessage({ number, failed: String(error) });
    }
  };
  // The first calls are slow, because the browser is still compiling: they say little about the next ones.
  async function warm(program, args) {
    for (let spent = 0, took = 1; spent < 100 && took > 0.5; spent += took)
      took = await called({ ...program, rounds: Math.min(program.rounds, 1) }, args, () => true);
  }`;

export function pageEngine(page) {
  const functions = [];
  const history = page.programs.map(() => ({ inWorker: true, streak: 0 }));
  const away = workerThread(page.programs);
  let last = NaN;

  // A call moves to the worker, or back, when it was slow, or quick, twice in a row.
  function learn(index, took) {
    const known = history[index];
    if (!Number.isFinite(took)) return;
    last = took;
    const misplaced = known.inWorker ? took < SLOW : took > SLOW;
    known.streak = misplaced ? known.streak + 1 : 0;
    if (known.streak < 2) return;
    known.inWorker = !known.inWorker;
    known.streak = 0;
  }

  async function here(index, args, show) {
    functions[index] ??= await loaded(page.programs[index]);
    return called(functions[index], args, async (columns, final) => {
      const wanted = await show(columns.map((column) => column.slice()), final);
      if (!final) await new Promise(requestAnimationFrame); // lets the page draw
      return wanted;
    });
  }

  async function ask(values, progress) {
    const index = variant(page, values);
    const args = page.traced.map((name) => argument(page, name, values[name]));
    let result = null;
    const show = (columns, final) => {
      const data = named(page.shapes[index], columns);
      if (!final) return progress(data);
      result = data;
      return true;
    };
    const far = history[index].inWorker && away.works ? await away.call(index, args, show) : null;
    learn(index, far ?? (await here(index, args, show)));
    return result;
  }

  const letters = page.programs.reduce((sum, { start, advance }) => sum + start.length + (advance?.length ?? 0), 0);
  const size = Math.max(1, Math.round(letters / 1024));
  const unit = page.programs[0].rounds ? "training" : "call";
  const time = () => (Number.isNaN(last) ? "" : `, ${last < 1 ? "under 1" : Math.round(last)} ms a ${unit}`);
  return {
    ask,
    stop: away.stop,
    source: [page.programs[0].start, page.programs[0].advance].filter(Boolean).join("\n"),
    about: () =>
      `Runs in this page: the notebook’s JAX function as ${size} KB of JavaScript${time()}.`,
  };
}

// A worker that runs the programs; call promises the milliseconds. Without workers `works` turns false, and it is null.
function workerThread(programs) {
  let worker = null;
  let number = 0;
  const sent = new Set();
  const thread = { works: typeof Worker === "function", call, stop };

  function stop() {
    worker?.terminate();
    thread.works = false;
  }

  function call(index, args, show) {
    const mine = ++number;
    return new Promise((resolve) => {
      const settle = (took) => {
        thread.works = took !== null;
        resolve(took);
      };
      try {
        worker ??= new Worker(moduleUrl(WORKER));
        worker.onmessage = async ({ data: { number: of, columns, last, took, failed } }) => {
          if (of !== mine) return;
          if (failed) settle(null);
          else if (!columns) settle(took);
          else if (!(await show(columns, last))) settle(NaN); // the worker stops when it hears the next request
        };
        worker.onerror = () => settle(null);
        worker.postMessage({ number: mine, index, program: sent.has(index) ? null : programs[index], args });
        sent.add(index);
      } catch {
        settle(null);
      }
    });
  }
  return thread;
}
