// Memory that the loops in WebAssembly and the arrays in JavaScript share.
function sharedMemory(bytes) {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
  } catch {
    return { buffer: new ArrayBuffer(bytes) };
  }
}

// The same loops in WebAssembly, for four numbers at a time; where that does not run, the loops themselves.
function vectorised(code, memory, loops) {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decodeBase64(code)), { js: { memory } });
    return loops.map(({ name }) => exports[name]);
  } catch {
    return loops;
  }
}
