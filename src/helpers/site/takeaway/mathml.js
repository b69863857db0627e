// Formulas as MathML that browsers set well. The browser runs it; nothing of it reaches the book.

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

// Each formula of an article as MathML alone; the site's pages have it beside MathJax's type, for those who listen.
function formulasToMathML(article) {
  for (const element of article.querySelectorAll(".math")) {
    const math = element.querySelector("mjx-assistive-mml math");
    if (!math) throw new Error(`this formula has no MathML: ${element.outerHTML.slice(0, 200)}`);
    const number = element.querySelector(".eqno");
    math.setAttribute("alttext", inOneLine(math));
    math.querySelectorAll("mo").forEach(space);
    for (const part of [math, ...math.querySelectorAll("*")]) tidy(part);
    element.className = math.getAttribute("display") === "block" ? "formula display" : "formula";
    element.replaceChildren(...(number ? [number] : []), math);
  }
}

function tidy(part) {
  for (const { name } of [...part.attributes]) {
    if (name.startsWith("data-") || name === "class" || name === "xmlns") part.removeAttribute(name);
  }
  unstyle(part);
}

// A formula as a line of text: x_i^2, (a + b)/n; digits alone are raised as Unicode does it, as in x².
function inOneLine(part) {
  const [first, second, third] = [...part.children].map(inOneLine);
  const grouped = (text) => ([...text].length > 1 ? `(${text})` : text);
  const raised = (text) => (/^\d$/.test(text) ? "⁰¹²³⁴⁵⁶⁷⁸⁹"[text] : /^[′″⊤∗+]$/.test(text) ? text : `^${grouped(text)}`);
  switch (part.localName) {
    case "mfrac": return `${grouped(first)}/${grouped(second)}`;
    case "msqrt": return `√(${[...part.children].map(inOneLine).join("")})`;
    case "msup": return first + raised(second);
    case "msub": case "munder": return `${first}_${grouped(second)}`;
    case "msubsup": case "munderover": return `${first}_${grouped(second)}${raised(third)}`;
    case "mover": return first + second;
    case "mtr": return `${[...part.children].map(inOneLine).join(" ")}; `;
    case "mspace": return " ";
    case "mo": return /^[=<>≤≥≈∼→∈+−±·×⊂∝≠:]$/.test(part.textContent) ? ` ${part.textContent} ` : part.textContent.replace("\u2061", " ");
    default: return part.children.length ? [...part.children].map(inOneLine).join("") : part.textContent;
  }
}

// MathJax has TeX's spacing in attributes of its own; browsers would set 1 / n for 1/n, | x | for |x|, sinx for sin x.
function space(operator) {
  const kind = operator.getAttribute("data-mjx-texclass");
  const parent = operator.parentElement;
  const alone = parent.getAttribute("data-mjx-texclass") === "ORD" && parent.children.length === 1;
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
