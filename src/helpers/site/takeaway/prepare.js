// Takes what works only on the site out of its pages. The browser runs it; nothing of it reaches the book.
//
// `book` is {address, pages: {path: name}, folded, join}: the live site, the name that each page has in this copy,
// whether folded code stays (folded) or goes, and whether all pages become one document (then identifiers get the page's
// name in front).

const INK = "#15191e";
const MARKS = ".k, .kn, .kc, .ow, .c1, .sd, .s, .s1, .s2, .sa";

function prepare(html, path, book) {
  const article = new DOMParser().parseFromString(html, "text/html").querySelector("article.bd-article");
  if (!article) throw new Error(`the page ${path} has no article: has the theme changed its HTML?`);
  const here = new URL(`${path}.html`, book.address);
  article.querySelectorAll("div.highlight").forEach(tidyCode);
  article.querySelectorAll("figure.explorer").forEach((figure) => stillExplorer(figure, `${here}#${figure.id}`));
  article.querySelectorAll("th > button").forEach((sorts) => sorts.replaceWith(sorts.textContent));
  article.querySelectorAll("script, style, button, form, .evidence-count, .headerlink, .toctree-wrapper, .tocdepth").forEach((e) => e.remove());
  article.querySelectorAll("details.hide").forEach((details) => openFold(details, book));
  article.querySelectorAll("div[class='proof admonition']").forEach(markProof);
  article.querySelectorAll("div.solution").forEach((solution) => solution.classList.remove("dropdown"));
  article.querySelectorAll("svg").forEach(fixColours);
  article.querySelectorAll("table").forEach(wrapTable);
  article.querySelectorAll("a[href]:not(.live)").forEach((link) => redirect(link, path, here, book));
  article.querySelectorAll("[role=doc-biblioentry]").forEach((entry) => entry.removeAttribute("role")); // deprecated
  dropRepeated(article);
  if (book.join) ownIdentifiers(article, book.pages[path]);
  return article;
}

// A figure that says what was set and where it moves.
function stillExplorer(figure, live) {
  const document = figure.ownerDocument;
  const paragraph = (className, text) => {
    const element = document.createElement("p");
    element.className = className;
    element.textContent = text;
    return element;
  };
  const still = document.createElement("figure");
  still.className = "explorer";
  still.id = figure.id;
  const title = figure.querySelector(".explorer-title")?.textContent;
  if (title) still.append(paragraph("explorer-title", title));
  still.append(...figure.querySelector(".explorer-picture").childNodes);
  const caption = document.createElement("figcaption");
  const said = figure.querySelector("figcaption")?.textContent;
  if (said) caption.append(paragraph("explorer-caption", said));
  const settings = [...figure.querySelectorAll(".explorer-control")].map(setting).filter(Boolean).join("; ");
  const summary = figure.querySelector(".explorer-summary")?.textContent ?? "";
  const state = [settings && `Drawn with: ${settings}.`, summary].filter(Boolean).join(" ");
  if (state) caption.append(paragraph("explorer-state", state));
  const where = paragraph("explorer-live", "This figure moves on the page: ");
  const link = document.createElement("a");
  link.href = link.textContent = live;
  link.className = "live";
  where.append(link);
  caption.append(where);
  still.append(caption);
  figure.replaceWith(still);
}

// “Number of features 8”; nothing for what cannot be said in a few words.
function setting(control) {
  const label = control.querySelector("legend, label")?.textContent.trim();
  const box = control.querySelector("input[type=checkbox]");
  if (box) return `${label}: ${box.hasAttribute("checked") ? "on" : "off"}`;
  const chosen = control.querySelector("option[selected]") ?? control.querySelector("input[checked]")?.closest("label");
  if (chosen) return `${label}: ${chosen.textContent.trim()}`;
  const output = control.querySelector(".explorer-track") && control.querySelector("output");
  return output ? `${label}: ${output.textContent.trim()}` : "";
}

// Of the highlighter's marks those stay that the style sheets give a look; the others are nine tenths of a page's elements.
function tidyCode(code) {
  code.querySelectorAll(`pre span:not(${MARKS})`).forEach((span) => span.replaceWith(...span.childNodes));
  code.normalize();
}

// Code that the page folds away: folded here too, or left out; a solution's code is part of the solution.
function openFold(details, book) {
  const code = details.querySelector(".cell_input");
  if (!book.folded) {
    if (details.closest("div.solution")) details.replaceWith(code);
    else details.remove();
    return;
  }
  const summary = details.ownerDocument.createElement("summary");
  summary.textContent = details.querySelector("summary .collapsed")?.textContent ?? "Show the code";
  details.removeAttribute("class");
  details.className = "folded-code";
  details.replaceChildren(summary, code);
}

// A proof, unlike a theorem, has no title of its own: its first word is one.
function markProof(proof) {
  proof.classList.add("proof-proof");
  const first = proof.querySelector("p")?.firstChild;
  if (!first?.textContent.startsWith("Proof. ")) return;
  first.textContent = first.textContent.slice("Proof".length);
  first.before(Object.assign(proof.ownerDocument.createElement("em"), { textContent: "Proof" }));
}

// Pictures follow the page's theme on the site; a copy has dark ink on white.
function fixColours(svg) {
  for (const element of [svg, ...svg.querySelectorAll("*")]) {
    for (const attribute of element.attributes) {
      if (!/currentColor|var\(|Canvas/.test(attribute.value)) continue;
      attribute.value = attribute.value
        .replace(/var\(--[\w-]+,\s*([^()]*)\)/g, "$1")
        .replace(/\bCanvas\b/g, "#ffffff")
        .replace(/currentColor/gi, INK);
    }
  }
}

function wrapTable(table) {
  if (table.parentElement.classList.contains("table")) return;
  const box = table.ownerDocument.createElement("div");
  box.className = "table";
  table.replaceWith(box);
  box.append(table);
}

// A link leads to the same place in this copy if it is there, and to the live book or elsewhere if not.
function redirect(link, path, here, book) {
  const target = new URL(link.getAttribute("href"), here);
  const inside = target.href.startsWith(book.address) && target.pathname.endsWith(".html");
  const page = inside ? target.href.slice(book.address.length).replace(/\.html(#.*)?$/, "") : null;
  link.removeAttribute("title");
  link.removeAttribute("class");
  if (!(page in book.pages)) {
    link.setAttribute("href", target.href);
    return;
  }
  const fragment = decodeURIComponent(target.hash.slice(1));
  const name = book.pages[page];
  if (book.join) link.setAttribute("href", fragment ? `#${name}--${fragment}` : `#${name}`);
  else link.setAttribute("href", page === path && fragment ? `#${fragment}` : `${name}.xhtml${target.hash}`);
}

// Exercises and solutions name their inside all alike; nothing leads there.
function dropRepeated(article) {
  const seen = new Set();
  for (const element of article.querySelectorAll("[id]")) {
    if (seen.has(element.id)) element.removeAttribute("id");
    seen.add(element.id);
  }
}

// A heading where only plain words can stand.
function plainText(heading) {
  const copy = heading.cloneNode(true);
  for (const formula of copy.querySelectorAll(".math")) formula.textContent = inOneLine(formula.querySelector("math"));
  return copy.textContent.replace(/\s+/g, " ").trim();
}

// All pages in one document: no identifier may stand there twice.
function ownIdentifiers(article, name) {
  for (const element of article.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      const { localName, value } = attribute;
      if (localName === "id") attribute.value = `${name}--${value}`;
      else if (localName === "href" && value.startsWith("#") && element.localName !== "a") attribute.value = `#${name}--${value.slice(1)}`;
      else if (value.includes("url(#")) attribute.value = value.replaceAll("url(#", `url(#${name}--`);
    }
  }
}
