// An explorer: its state, its controls, its engine and its chart, together. The same code in a notebook and on a page.

import { fill, written } from "./summary.js";
import { kernelEngine, newestWins, tableEngine } from "./engines.js";
import { pageEngine } from "./program.js";
import { liveChart, namesRead } from "./chart.js";
import { bindSketch } from "./sketch.js";
import { bindPoints } from "./points.js";
import { bindControl } from "./controls.js";
import { hashState } from "./address.js";

// figure: the element; page: what Python says of it; state: {get, set, watch}; engine; loadVega: promises vegaEmbed.
async function mount(figure, page, state, engine, loadVega) {
  const part = (name) => figure.querySelector(`.explorer-${name}`);
  const names = page.controls.map((control) => control.name);
  const values = () => Object.fromEntries(names.map((name) => [name, state.get(name)]));
  page.reads = namesRead(page.spec);
  let moved = "";
  let chart = null;

  const request = newestWins(async (now, wanted) => {
    try {
      const data = await engine.ask(now, async (early) => {
        await chart.update(early);
        figure.dispatchEvent(new Event("progress"));
        return wanted();
      });
      if (!data) return; // a newer request is waiting
      await chart.update(data);
      figure.explorer = { values: now, data };
      say(data, now);
      figure.dispatchEvent(new Event("drawn"));
    } catch (error) {
      if (!figure.dataset.ready) throw error;
      part("note").textContent = `This setting could not be computed (${error.message}).`;
    }
  }, (busy) => figure.toggleAttribute("data-busy", busy));

  function say(data, now) {
    const written = fill(page.summary, spoken(page, now), data);
    settle(figure, () => (part("summary").textContent = written));
    change(part("note"), divergence(page, data, now, moved));
    change(part("where").firstChild, engine.about());
  }

  const box = (name) => figure.querySelector(`[data-name="${name}"]`);
  const binds = {};
  for (const control of page.controls)
    binds[control.name] = bindControl(box(control.name), control, (value) => turn(control.name, value));
  for (const name of names) show(name, state.get(name));

  // Show a control's value; a checkbox may also decide whether another control has any effect.
  function show(name, value) {
    binds[name](value);
    for (const [other, checkbox] of Object.entries(page.idle ?? {}))
      if (checkbox === name) {
        box(other).toggleAttribute("data-idle", value);
        for (const part of box(other).querySelectorAll("input, select, button")) part.disabled = value;
      }
  }

  function turn(name, value) {
    moved = name;
    show(name, value);
    state.set(name, value);
    if (chart) request(values());
  }

  state.watch((name) => {
    show(name, state.get(name));
    if (chart) request(values());
  });
  part("reset").addEventListener("click", () => {
    moved = "";
    figure.dispatchEvent(new Event("pause"));
    for (const { name, start } of page.controls) {
      show(name, start);
      state.set(name, start);
    }
    state.forget?.();
    request(values());
  });

  describe(part("where"), engine);
  chart = await liveChart(part("stage"), page, await loadVega(), page.first);
  for (const control of page.controls)
    if (control.kind === "sketch")
      bindSketch(control, chart, () => state.get(control.name), (value) => turn(control.name, value));
  bindPoints(page.controls.filter(({ kind }) => kind === "points"), chart, state.get, turn);
  await request(values());
  figure.dataset.ready = "true";
  return () => {
    figure.dispatchEvent(new Event("pause"));
    chart.remove();
    engine.stop?.();
  };
}

// What stands there already is not written again: the browser would lay it out anew.
function change(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A screen reader hears the sentence when the slider has come to rest, not at every step on the way.
function settle(figure, speak) {
  clearTimeout(figure.explorerTimer);
  figure.explorerTimer = setTimeout(speak, 150);
}

// The values as the reader reads them: with the label of a choice, not with its value.
function spoken(page, values) {
  const named = { ...values };
  for (const { name, options, names } of page.controls) if (options) named[name] = names[options.indexOf(values[name])];
  return named;
}

// What is no longer a number, and what to turn; gaps that the first state has already are meant.
function divergence(page, data, values, moved) {
  for (const [dataset, table] of Object.entries(data)) {
    for (const [column, numbers] of Object.entries(table)) {
      const lost = broken(numbers);
      if (!lost || (page.gaps.includes(`${dataset}.${column}`) && lost < numbers.length)) continue;
      const all = lost === numbers.length ? "" : ` in ${lost} of ${numbers.length} places`;
      return `The ${column.replace(/_/g, " ")} (${dataset.replace(/_/g, " ")}) has left the range of numbers${all}. ${remedy(page, values, moved)}`;
    }
  }
  return "";
}

function broken(numbers) {
  let count = 0;
  for (const number of numbers) if (typeof number === "number" && !Number.isFinite(number)) count++;
  return count;
}

function remedy(page, values, moved) {
  const name = page.turnDown || moved;
  const control = page.controls.find((one) => one.name === name);
  if (!control?.stops) return "Reset brings back the start.";
  const back = `${written(control.start, control.format)}${control.unit ? ` ${control.unit}` : ""}`;
  if (values[name] === control.start) return "Reset brings back the start.";
  return `Turn ${control.label} ${values[name] > control.start ? "down" : "up"}, towards ${back}.`;
}

// One line that says where the numbers come from; the compiled code is there to be read.
function describe(line, engine) {
  line.textContent = engine.about();
  if (!engine.source) return;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Read the code" });
  button.setAttribute("aria-expanded", "false");
  const code = Object.assign(document.createElement("pre"), { tabIndex: 0, hidden: true });
  button.addEventListener("click", () => {
    code.hidden = !code.hidden;
    code.textContent ||= engine.source;
    button.setAttribute("aria-expanded", String(!code.hidden));
  });
  line.append(" ", button);
  line.after(code);
}

// --- in a notebook ---------------------------------------------------------------------------------------------------

async function render({ model, el }) {
  const page = structuredClone(model.get("_page"));
  // The same explorer may be shown twice: every view has identifiers of its own. (This module may be there twice, too.)
  const view = (globalThis.explorerViews = (globalThis.explorerViews ?? 0) + 1);
  const own = new RegExp(`( (?:id|for|name)="${page.id})(?=["-])`, "g");
  el.innerHTML = model.get("_figure").replace(own, `$1-view${view}`);
  const figure = el.querySelector("figure.explorer");
  const engine = page.run === "page" ? pageEngine(page) : kernelEngine(page, model);
  try {
    return await mount(figure, page, modelState(model, page), engine, () => vegaFromKernel(model));
  } catch (error) {
    fail(figure, error);
  }
}

function modelState(model, page) {
  return {
    get: (name) => model.get(name),
    set(name, value) {
      this.own = true;
      model.set(name, value);
      this.own = false;
      model.save_changes();
    },
    watch(changed) {
      for (const { name } of page.controls) model.on(`change:${name}`, () => this.own || changed(name));
    },
  };
}

function vegaFromKernel(model) {
  if (window.vegaEmbed) return Promise.resolve(window.vegaEmbed);
  // Every model asks its own kernel: another's question may never be answered, because that kernel was restarted.
  return new Promise((resolve, reject) => {
    model.on("msg:custom", ({ answer }, [bundle]) => {
      if (answer !== "vega") return;
      if (window.vegaEmbed) resolve();
      else loadScript(URL.createObjectURL(new Blob([bundle], { type: "text/javascript" }))).then(resolve, reject);
    });
    model.send({ ask: "vega" });
  }).then(() => window.vegaEmbed);
}

// --- on a static page ------------------------------------------------------------------------------------------------

function mountPage() {
  const here = document.currentScript.src;
  const near = new IntersectionObserver(
    (entries) =>
      entries.forEach(({ isIntersecting, target }) => {
        if (!isIntersecting) return;
        near.unobserve(target);
        mountFigure(target, new URL("vega.js", here).href);
      }),
    { rootMargin: "800px" },
  );
  const start = () => {
    awake().then(() => document.querySelectorAll("figure.explorer").forEach((figure) => near.observe(figure)));
    goToLinked();
    addEventListener("hashchange", goToLinked);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}

// The first paint does not share the line with the chart library, which is two thirds of a page: until the reader stirs,
// follows a link to an explorer, or has been looking for two seconds, the stored pictures stand there.
function awake() {
  const signs = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin"];
  return new Promise((resolve) => {
    const wake = () => {
      signs.forEach((sign) => removeEventListener(sign, wake));
      resolve();
    };
    signs.forEach((sign) => addEventListener(sign, wake, { passive: true }));
    const linger = () => setTimeout(wake, 2000);
    if (location.hash.startsWith("#explorer-")) wake();
    else if (document.readyState === "complete") linger();
    else addEventListener("load", linger);
  });
}

// The browser does not know that #explorer-name?width=40 means the element explorer-name.
function goToLinked() {
  const [id, query] = location.hash.slice(1).split("?");
  if (query) document.getElementById(id)?.scrollIntoView({ block: "center" });
}

async function mountFigure(figure, vegaUrl) {
  try {
    const page = JSON.parse(figure.querySelector("script").textContent);
    const engine = page.run === "page" ? pageEngine(page) : tableEngine(page);
    await mount(figure, page, hashState(page), engine, () => vegaFromSite(vegaUrl));
  } catch (error) {
    fail(figure, error);
  }
}

function vegaFromSite(url) {
  const again = (error) => {
    globalThis.explorerVega = undefined;
    throw error;
  };
  globalThis.explorerVega ??= window.vegaEmbed ? Promise.resolve() : loadScript(url).catch(again);
  return globalThis.explorerVega.then(() => window.vegaEmbed);
}

function loadScript(src) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src, onload: resolve });
    script.onerror = () => reject(new Error("the chart library did not load"));
    document.head.append(script);
  });
}

function fail(figure, error) {
  figure.dataset.failed = String(error?.message ?? error);
  figure.querySelector(".explorer-chart")?.remove();
  figure.querySelector(".explorer-stage").removeAttribute("data-live");
  figure.querySelector(".explorer-note").textContent =
    "The controls could not start in this browser, so the picture shows the first state only.";
}
