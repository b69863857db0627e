// The evidence table: sort by a column, or show some of the claims. Without this script it is there whole.
(() => {
  const table = document.querySelector("table.evidence-table");
  if (!table) return;
  const [form, count] = [document.querySelector("form.evidence-filter"), document.querySelector(".evidence-count")];
  const rows = [...table.tBodies[0].rows];
  const [words, chapter, failed] = ["words", "chapter", "failed"].map((name) => document.getElementById(`evidence-${name}`));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  function filter() {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      row.hidden =
        !asked.every((word) => texts.get(row).includes(word)) ||
        (chapter.value && row.dataset.chapter !== chapter.value) ||
        (failed.checked && !(Number(row.dataset.share) < 1));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} claims`;
  }

  // Rows that have no number, since no seed has run, come last either way.
  function sort(head) {
    const { key } = head.firstElementChild.dataset;
    const ascending = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const number = (row) => (row.dataset[key] === "" ? Infinity : (ascending ? 1 : -1) * Number(row.dataset[key]));
    table.tBodies[0].append(...rows.sort((a, b) => number(a) - number(b)));
  }

  for (const head of table.tHead.rows[0].cells) head.firstElementChild.addEventListener("click", () => sort(head));
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
})();
