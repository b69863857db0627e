// TeX as MathML, by the MathJax that the site uses. The browser runs it; nothing of it reaches the book.

// Where Unicode has letters of a style; the first is A (or 0), then a; with the letters that had been there before.
const STYLES = {
  "double-struck": { A: 0x1d538, a: 0x1d552, 0: 0x1d7d8, also: "CℂHℍNℕPℙQℚRℝZℤ" },
  script: { A: 0x1d49c, a: 0x1d4b6, also: "BℬEℰFℱHℋIℐLℒMℳRℛeℯgℊoℴ" },
  fraktur: { A: 0x1d504, a: 0x1d51e, also: "CℭHℌIℑRℜZℨ" },
  bold: { A: 0x1d400, a: 0x1d41a, 0: 0x1d7ce },
  "bold-italic": { A: 0x1d468, a: 0x1d482 },
  "sans-serif": { A: 0x1d5a0, a: 0x1d5ba, 0: 0x1d7e2 },
  monospace: { A: 0x1d670, a: 0x1d68a, 0: 0x1d7f6 },
};

// Replace every formula of an article; return the TeX of those that MathJax refuses.
function formulasToMathML(article) {
  const refused = [];
  for (const element of article.querySelectorAll(".math")) {
    const [whole, open, tex] = element.textContent.match(/^[^\\]*?(\\\(|\\\[)([^]*)\\[)\]]\s*$/) ?? [];
    if (!whole) {
      refused.push(element.textContent);
      continue;
    }
    const display = open === "\\[";
    const math = toMathML(tex.trim(), display);
    if (math.querySelector("merror")) refused.push(tex);
    const number = element.querySelector(".eqno")?.textContent.trim();
    element.className = display ? "formula display" : "formula";
    element.replaceChildren(element.ownerDocument.adoptNode(math));
    if (number) {
      const label = element.ownerDocument.createElement("span");
      label.className = "equation-number";
      label.textContent = number;
      element.prepend(label);
    }
  }
  return refused;
}

function toMathML(tex, display) {
  const text = MathJax.tex2mml(tex, { display });
  const math = new DOMParser().parseFromString(text, "application/xml").documentElement;
  math.querySelectorAll("mo").forEach(space);
  for (const element of [math, ...math.querySelectorAll("*")]) {
    for (const { name } of [...element.attributes]) {
      if (name.startsWith("data-") || name === "class") element.removeAttribute(name);
    }
    unstyle(element);
  }
  math.setAttribute("alttext", tex.replace(/\s+/g, " "));
  return math;
}

// MathJax keeps TeX's spacing in attributes of its own; browsers would set 1 / n for 1/n, | x | for |x| and sinx for sin x.
function space(operator) {
  const kind = operator.getAttribute("data-mjx-texclass");
  const alone = operator.parentElement.getAttribute("data-mjx-texclass") === "ORD" && operator.parentElement.children.length === 1;
  if (alone || (/[|‖∣∥]/.test(operator.textContent) && (kind === "OPEN" || kind === "CLOSE"))) {
    operator.setAttribute("lspace", "0");
    operator.setAttribute("rspace", "0");
  }
  if (operator.textContent === "\u2061" && !/^[([{]/.test(operator.nextElementSibling?.textContent ?? "(")) {
    const gap = operator.ownerDocument.createElementNS(operator.namespaceURI, "mspace");
    gap.setAttribute("width", "0.167em");
    operator.after(gap);
  }
}

// Browsers read styled letters from Unicode, and no longer from mathvariant.
function unstyle(element) {
  const style = STYLES[element.getAttribute("mathvariant")];
  if (!style || element.children.length) return;
  const letters = [...element.textContent].map((letter) => styled(letter, style));
  if (!letters.every(Boolean)) return;
  element.textContent = letters.join("");
  element.removeAttribute("mathvariant");
}

function styled(letter, style) {
  const also = [...(style.also ?? "")];
  const found = also.findIndex((other, index) => index % 2 === 0 && other === letter);
  if (found >= 0) return also[found + 1];
  const first = /[A-Z]/.test(letter) ? "A" : /[a-z]/.test(letter) ? "a" : /\d/.test(letter) ? "0" : null;
  return first && style[first] ? String.fromCodePoint(style[first] + letter.codePointAt(0) - first.codePointAt(0)) : null;
}
