import sys, types
stub = types.ModuleType("helpers.javascript")
SRC = """
export default function (rate, steps) {
  const n = 60, x = new Float32Array(n), y = new Float32Array(n), t = new Float32Array(1);
  for (let i = 0; i < n; i++) { x[i] = i / 10; y[i] = Math.sin(rate * x[i]) * steps / 10; }
  t[0] = y[n-1];
  return [x, y, t];
}
"""
stub.to_javascript = lambda fn, *args: SRC
stub.UnsupportedPrimitive = NotImplementedError
sys.modules["helpers.javascript"] = stub
import jax.numpy as jnp, altair as alt
from helpers.explorer import *
def waves(rate, steps):
    x = jnp.arange(60) / 10
    y = jnp.sin(rate * x) * steps / 10
    return {"curve": {"x": x, "y": y}, "now": {"last": y[-1]}}
view = alt.Chart(alt.NamedData("curve")).mark_line().encode(alt.X("x:Q", title="time (s)"), alt.Y("y:Q", title="height (m)"))
e = explore(waves, view, title="Waves", rate=(0.5, 3.0), steps=slider(1, 10, start=5), labels={"steps": "Height"}, units={"rate": "per s"},
   summary="The wave ends at {now.last:.2f}.", caption="A wave.", alt="A sine wave that rises and falls")
h = e._static_html
print(len(h)); open("/tmp/x/e.html", "w").write(h)
print(e._repr_mimebundle_()[0].keys(), e._plain, e.result()["now"])
open("/tmp/x/page.html","w").write('<!doctype html><html lang=en><meta charset=utf-8><link rel=stylesheet href=explorer.css><title>x</title><body style="max-width:700px;margin:auto;font-family:sans-serif"><main><h1>x</h1>'+h+'</main><script defer src=explorer.js></script></html>')
from helpers import front
open("/tmp/x/explorer.js","w").write(front.script()); open("/tmp/x/explorer.css","w").write(front.style())
import shutil; shutil.copy("/tmp/x/vega_bundle.js","/tmp/x/vega.js")
