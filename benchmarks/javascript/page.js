// Runs in the page: times every competitor in turn, round by round, so that a busy machine disturbs all alike.
export async function measure(name, args, { rounds, onnx, jaxjs }) {
  const make = () => args.map(([shape, values]) => [shape, Float32Array.from(values)]);
  const competitors = {};
  const ours = (await import(`/modules/${name}.js`)).default;
  competitors.ours = () => ours(...make().map(([, values]) => values));
  const failures = [];
  const join = async (key, prepare) => {
    try {
      competitors[key] = await prepare();
      await competitors[key]();
    } catch (error) {
      delete competitors[key];
      failures.push(`${key}: ${error.message ?? error}`);
    }
  };
  if (onnx) await join("onnx", () => prepareOnnx(name, make));
  if (jaxjs) await join("jaxjs", async () => (await import(`/jaxjs/${name}.js`)).prepare(make()));
  const times = Object.fromEntries(Object.keys(competitors).map((key) => [key, []]));
  const start = performance.now();
  await competitors.ours();
  const first = performance.now() - start;
  const slow = new Set();
  for (let round = -10; round < rounds; round++) {
    for (const [key, run] of Object.entries(competitors)) {
      if (slow.has(key) && round % 10 !== 0) continue;
      const before = performance.now();
      await run();
      const elapsed = performance.now() - before;
      if (elapsed > 400) slow.add(key);
      if (round >= 0) times[key].push(elapsed);
    }
  }
  return { first, times, failures };
}

async function prepareOnnx(name, make) {
  const ort = await import("/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs");
  ort.env.wasm.wasmPaths = "/node_modules/onnxruntime-web/dist/";
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(`/onnx/${name}.onnx`);
  const tensor = ([shape, values]) => new ort.Tensor("float32", values, shape);
  return () => session.run(Object.fromEntries(make().map((arg, k) => [session.inputNames[k], tensor(arg)])));
}
