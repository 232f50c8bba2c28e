// Adds to a page that is whole without it: filters, copy buttons, permalinks into folded parts.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  root.classList.add("js");

  const form = document.querySelector("form.filters");
  const count = form.querySelector("output");
  const none = document.getElementById("no-defects");
  const fields = ["operation", "area", "level", "kind", "text"];
  const rows = all("tr[data-kind]");
  const parts = all("#cases details.part");
  const openBefore = new Map(parts.map((part) => [part, part.open]));
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const defects = all("details.defect").map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
    rows: element.dataset.rows.split(" ").map((index) => rows[Number(index)]).filter(Boolean),
  }));

  const wanted = () => Object.fromEntries(fields.map((name) => [name, form.elements[name].value.trim()]));
  const plain = (number) => number.toLocaleString("en");

  const fits = (row, want) =>
    (!want.operation || row.dataset.operation === want.operation) &&
    (!want.area || row.dataset.area === want.area) &&
    (!want.level || row.dataset.level === want.level) &&
    (!want.kind || row.dataset.kind === want.kind);

  function apply() {
    const want = wanted();
    const text = want.text.toLowerCase();
    const filtering = fields.some((name) => want[name]);
    let cases = 0;
    let shownDefects = 0;
    const chosen = new Set();
    for (const row of rows) {
      const fit = fits(row, want);
      if (fit) chosen.add(row);
      const shown = fit && (!text || texts.get(row).includes(text));
      row.hidden = !shown;
      cases += shown;
    }
    for (const defect of defects) {
      const some = defect.rows.some((row) => chosen.has(row));
      const shown = some && (!text || defect.text.includes(text) || defect.rows.some((row) => !row.hidden));
      defect.element.hidden = !shown;
      shownDefects += shown;
    }
    none.hidden = shownDefects > 0 || !defects.length;
    for (const part of parts) {
      const found = all("tr[data-kind]", part).filter((row) => !row.hidden).length;
      part.hidden = !found;
      part.open = filtering ? found > 0 && found <= 200 : openBefore.get(part);
    }
    count.textContent =
      `${plain(cases)} of ${plain(rows.length)} cases, ${plain(shownDefects)} of ${plain(defects.length)} defects`;
    const query = new URLSearchParams(Object.entries(want).filter(([, value]) => value)).toString();
    const here = location.hash.startsWith("#?") ? location.hash.slice(2) : null;
    if (query ? here !== query : here !== null) history.replaceState(null, "", query ? `#?${query}` : "#");
  }

  function set(values) {
    for (const name of fields) form.elements[name].value = values[name] ?? "";
    apply();
  }

  function follow() {
    if (location.hash.startsWith("#?")) {
      set(Object.fromEntries(new URLSearchParams(location.hash.slice(2))));
      return;
    }
    const name = decodeURIComponent(location.hash.slice(1));
    const target = rowOf.get(name) ?? document.getElementById(name);
    if (!target) return;
    if (target.hidden) set({});
    for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    target.scrollIntoView();
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", follow);

  document.addEventListener("click", (event) => {
    const cell = event.target.closest("a[data-area]");
    if (cell) {
      event.preventDefault();
      set({ operation: cell.dataset.operation, area: cell.dataset.area });
      form.scrollIntoView();
      form.elements.operation.focus({ preventScroll: true });
      return;
    }
    const button = event.target.closest("button[data-copy]");
    if (button) copy(button);
  });

  async function copy(button) {
    const code = button.parentElement.querySelector("pre");
    let done = true;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // No clipboard here: select the lines, so that the reader's own key copies them.
      getSelection().selectAllChildren(code);
      done = document.execCommand("copy");
    }
    const words = button.textContent;
    button.textContent = done ? "Copied" : "Selected";
    setTimeout(() => { button.textContent = words; }, 1500);
  }

  if (!location.hash.startsWith("#?")) apply();
  follow();
})();
