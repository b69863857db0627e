// One document of all pages, for print. The browser runs it.

function addPage(html, path, part, book) {
  const chapter = document.createElement("div");
  chapter.className = "chapter";
  chapter.id = book.pages[path];
  chapter.dataset.part = part;
  chapter.append(...document.adoptNode(prepare(html, path, book)).childNodes);
  if (part) {
    const kicker = document.createElement("p");
    kicker.className = "kicker";
    kicker.textContent = part;
    chapter.querySelector("h1").before(kicker);
  }
  chapter.querySelectorAll("figure.picture svg").forEach(asLargeAsText);
  document.body.append(chapter);
}

// Matplotlib's labels (10.5 units high) come out a little smaller than the text around them.
function asLargeAsText(svg) {
  svg.style.maxWidth = `${0.84 * svg.viewBox.baseVal.width}pt`;
}

// Front matter, and room for wide formulas; returns the headings' words for the bookmarks.
async function finish(front) {
  document.body.insertAdjacentHTML("afterbegin", front);
  document.querySelector("#title-page").after(contents());
  runningHeads();
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(plainText);
  await document.fonts.ready;
  fitFormulas();
  return headings;
}

// Chapters and sections, with room for the page numbers, which only printing can tell.
function contents() {
  const list = document.createElement("section");
  list.id = "contents";
  list.innerHTML = "<h1>Contents</h1>";
  let part = "";
  for (const chapter of document.querySelectorAll(".chapter")) {
    if (chapter.dataset.part !== part) {
      part = chapter.dataset.part;
      list.append(line("contents-part", part));
    }
    list.append(entry("contents-chapter", chapter.id, chapter.querySelector("h1")));
    if (part === "Back matter") continue;
    for (const heading of chapter.querySelectorAll("h2")) {
      list.append(entry("contents-section", heading.closest("section").id, heading));
    }
  }
  return list;
}

function line(className, text) {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = text;
  return element;
}

function entry(className, id, heading) {
  const element = line(className, "");
  const link = document.createElement("a");
  link.href = `#${id}`;
  const words = document.createElement("span");
  words.append(...[...heading.childNodes].map((node) => node.cloneNode(true)));
  link.append(words, document.createElement("i"), Object.assign(document.createElement("b"), { textContent: "000" }));
  element.append(link);
  return element;
}

function fillNumbers(numbers) {
  for (const link of document.querySelectorAll("#contents a")) {
    const number = numbers[link.getAttribute("href").slice(1)];
    if (!number) throw new Error(`the print has no place called ${link.getAttribute("href")}`);
    link.querySelector("b").textContent = number;
  }
}

function runningHeads() {
  const rules = [...document.querySelectorAll(".chapter")].map((chapter, index) => {
    const title = plainText(chapter.querySelector("h1")).replace(/["\\]/g, "\\$&");
    chapter.style.page = `chapter-${index}`;
    return `@page chapter-${index} { @top-center { content: "${title}"; } }`;
  });
  document.head.append(Object.assign(document.createElement("style"), { textContent: rules.join("\n") }));
}

// A formula wider than the column shrinks until it fits.
function fitFormulas() {
  for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
    const width = formula.querySelector("mjx-math").getBoundingClientRect().width;
    const room = formula.parentElement.getBoundingClientRect().width;
    if (width > room) formula.style.fontSize = `${Math.floor((98 * room) / width)}%`;
  }
}
