// The first workload, written by hand for jax-js (WebAssembly backend): one compiled step, called 500 times.
import { grad, init, jit, numpy as np } from "/node_modules/@jax-js/jax/dist/index.js";

export async function prepare([[, w1], [, b1], [, w2], [, rate]]) {
  await init("wasm").catch(() => init());
  const x = np.linspace(-1, 1, 64).reshape([64, 1]);
  const y = np.sin(x.ref.reshape([64]).mul(4));
  const loss = ([w1, b1, w2]) => {
    const h = np.tanh(np.dot(x.ref, w1).add(b1));
    return np.mean(np.square(np.dot(h, w2).sub(y.ref)));
  };
  const step = jit((w1, b1, w2) => {
    const params = [w1, b1, w2];
    const grads = grad(loss)(params.map((p) => p.ref));
    return params.map((p, k) => p.sub(grads[k].mul(rate[0])));
  });
  return async () => {
    let params = [np.array(w1).reshape([1, 64]), np.array(b1), np.array(w2)];
    for (let k = 0; k < 500; k++) params = step(...params);
    return Promise.all(params.map((p) => p.data()));
  };
}
