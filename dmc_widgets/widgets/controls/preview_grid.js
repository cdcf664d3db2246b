// The grid of a preview. Only the columns in view are drawn: hundreds of fields and a
// hundred records are tens of thousands of cells.
// Texts may come from anybody: they are set as text, never as markup.
const COLUMN_WIDTH = 190;
const DRAWN_AT_ONCE = 40; // up to so many columns are all drawn
const MARGIN = 2; // columns drawn beyond either edge
const PROBLEMS = "problems";

class PreviewGrid {
  constructor(model, el) {
    this.model = model;
    this.filter = "";
    this.onlyFaulty = false;
    this.first = 0;
    el.classList.add("dmc-pgrid");
    el.setAttribute("data-lm-suppress-shortcuts", "true");
    this.chips = make("div", { className: "dmc-pgrid-chips" });
    this.chips.setAttribute("role", "group");
    this.chips.setAttribute("aria-label", t("Show records"));
    this.narrow = make("input", { type: "checkbox" });
    this.narrow.addEventListener("change", () => {
      this.onlyFaulty = this.narrow.checked;
      this.draw();
    });
    const label = make("label", { className: "dmc-pgrid-only" }, this.narrow);
    label.append(t("Only columns with problems"));
    this.narrowLabel = label;
    this.columnsGroup = make("colgroup");
    this.head = make("thead");
    this.body = make("tbody");
    this.table = make("table", {}, this.columnsGroup, this.head, this.body);
    this.table.setAttribute("aria-label", t("Preview"));
    this.none = make("p", { className: "dmc-pgrid-none", textContent: t("No record matches.") });
    this.frame = make("div", { className: "dmc-pgrid-frame", tabIndex: 0 }, this.table, this.none);
    this.frame.setAttribute("role", "region");
    this.frame.setAttribute("aria-label", t("Preview of the records"));
    this.frame.addEventListener("scroll", () => this.follow());
    el.append(make("div", { className: "dmc-pgrid-bar" }, this.chips, label), this.frame);
    this.watcher = new ResizeObserver(() => this.follow());
    this.watcher.observe(this.frame);
    this.load();
  }

  load() {
    this.rows = this.model.get("rows");
    this.all = this.model.get("columns");
    const faulty = new Set();
    for (const row of this.rows)
      row.cells.forEach((cell, place) => cell.problem && faulty.add(place));
    this.faulty = faulty;
    const known = new Set(this.rows.map((row) => row.kind)).add("").add(PROBLEMS);
    if (!known.has(this.filter)) this.filter = "";
    if (this.filter === PROBLEMS && !this.rows.some((row) => hasProblem(row))) this.filter = "";
    this.narrowLabel.hidden = !faulty.size || this.all.length < 8;
    if (this.narrowLabel.hidden) this.onlyFaulty = this.narrow.checked = false;
    this.drawChips();
    this.draw();
  }

  drawChips() {
    const counts = new Map();
    for (const row of this.rows) counts.set(row.word, (counts.get(row.word) ?? 0) + 1);
    const kinds = new Map(this.rows.map((row) => [row.word, row.kind]));
    const chips = [["", t("All {count}", { count: numberText(this.rows.length) })]];
    for (const [word, count] of counts) chips.push([kinds.get(word), `${word} ${count}`]);
    const wrong = this.rows.filter(hasProblem).length;
    if (wrong) chips.push([PROBLEMS, t("Only problems {count}", { count: numberText(wrong) })]);
    const hadFocus = this.chips.contains(document.activeElement);
    const made = chips.map(([key, text]) => {
      const chip = button("dmc-pgrid-chip", text);
      chip.setAttribute("aria-pressed", String(key === this.filter));
      chip.addEventListener("click", () => {
        this.filter = key;
        this.drawChips();
        this.draw();
      });
      return chip;
    });
    this.chips.replaceChildren(...made);
    if (hadFocus) this.chips.querySelector('[aria-pressed="true"]')?.focus();
  }

  draw() {
    this.shown = this.all
      .map((column, place) => ({ ...column, place }))
      .filter(({ place }) => !this.onlyFaulty || this.faulty.has(place));
    this.matching = this.rows
      .map((row, number) => ({ row, number }))
      .filter(({ row }) => this.matches(row));
    this.none.hidden = this.matching.length > 0;
    this.window = null;
    this.follow();
  }

  matches(row) {
    if (!this.filter) return true;
    return this.filter === PROBLEMS ? hasProblem(row) : row.kind === this.filter;
  }

  // Draw the columns in view, if they are others than those that are drawn.
  follow() {
    const count = this.shown.length;
    let first = 0;
    let last = count;
    if (count > DRAWN_AT_ONCE) {
      first = Math.max(0, Math.floor(this.frame.scrollLeft / COLUMN_WIDTH) - MARGIN);
      last = Math.ceil((this.frame.scrollLeft + this.frame.clientWidth) / COLUMN_WIDTH);
      last = Math.min(count, Math.max(last + MARGIN, first + 8));
      first = Math.min(first, last);
    }
    const key = `${first}:${last}`;
    if (key === this.window || this.table.contains(this.editor)) return;
    this.window = key;
    this.drawColumns(this.shown.slice(first, last), first, count - last);
  }

  drawColumns(columns, before, after) {
    const gap = (number) => (number ? [number * COLUMN_WIDTH] : []);
    const widths = [76, 150, 120, ...gap(before)];
    widths.push(...columns.map(() => COLUMN_WIDTH), ...gap(after));
    const columnElements = widths.map((width) => {
      const element = make("col");
      element.style.width = `${width}px`;
      return element;
    });
    this.columnsGroup.replaceChildren(...columnElements);
    this.table.style.width = `max(100%, ${widths.reduce((sum, width) => sum + width)}px)`;
    const pad = (tag, number) => (number ? [make(tag, { ariaHidden: "true" })] : []);
    const heads = [this.model.get("place"), t("Code"), t("Expected")].map((text, place) =>
      make("th", { scope: "col", textContent: text, className: `dmc-pgrid-pin${place}` }),
    );
    const drawnHeads = columns.map((column) => this.drawHead(column));
    const all = [...heads, ...pad("td", before), ...drawnHeads, ...pad("td", after)];
    this.head.replaceChildren(make("tr", {}, ...all));
    const lines = this.matching.map(({ row, number }) => {
      const cells = columns.map((column) => this.drawCell(row, number, column));
      const pinned = this.drawPinned(row);
      return make("tr", {}, ...pinned, ...pad("td", before), ...cells, ...pad("td", after));
    });
    this.body.replaceChildren(...lines);
  }

  drawHead({ name, title, source }) {
    const head = make("th", { scope: "col", title: name }, make("span", { textContent: title || name }));
    const notes = [title ? name : "", source ? t("from {source}", { source }) : ""].filter(Boolean);
    for (const text of notes) head.append(make("small", { textContent: text }));
    return head;
  }

  drawPinned(row) {
    const place = make("th", { scope: "row", textContent: row.place, className: "dmc-pgrid-pin0" });
    const code = make("td", { textContent: row.code, title: row.code, className: "dmc-pgrid-pin1" });
    code.dir = "auto";
    const verdict = make("td", { className: "dmc-pgrid-pin2" });
    const badge = make("span", { className: "dmc-pgrid-badge", textContent: row.word });
    badge.dataset.tone = row.tone;
    verdict.append(badge);
    for (const text of row.problems)
      verdict.append(make("div", { className: "dmc-pgrid-fault", textContent: `Problem: ${text}` }));
    return [place, code, verdict];
  }

  drawCell(row, number, column) {
    const cell = row.cells[column.place];
    const element = make("td");
    if (typeof cell === "string") {
      element.append(make("div", { textContent: cell, title: cell, dir: "auto" }));
      return element;
    }
    const { text, before, problem, value } = cell;
    const line = make("div", { dir: "auto", title: text ? t("{before} becomes {after}", { before, after: text }) : before });
    line.append(make("span", { className: "dmc-pgrid-read", textContent: before }));
    if (text) {
      const arrow = make("span", { textContent: " → " });
      arrow.setAttribute("role", "img");
      arrow.setAttribute("aria-label", "becomes");
      line.append(arrow, make("span", { textContent: text }));
    }
    element.append(line);
    if (problem) {
      element.className = "dmc-pgrid-faulty";
      element.append(make("div", { className: "dmc-pgrid-fault", textContent: `Problem: ${problem}` }));
      if (value !== undefined) element.append(this.drawMend(element, number, column, value));
    }
    return element;
  }

  drawMend(element, number, column, value) {
    const opener = button("dmc-pgrid-mend", t("Mend…"), t("Mend {name} of this record", { name: column.name }));
    opener.addEventListener("click", () => {
      const input = drawInput(column, value);
      input.setAttribute("aria-label", t("New value of {name} wherever the file has {value}", { name: column.name, value }));
      const leave = () => {
        this.editor = null;
        input.replaceWith(opener);
        opener.focus();
      };
      const send = () => {
        const changed = input.value;
        leave();
        if (changed !== value)
          this.model.send({ kind: "mend", row: number, column: column.name, value: changed });
      };
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" && event.key !== "Enter") return;
        event.preventDefault(); // or the button that gets the focus is pressed, too
        if (event.key === "Enter") send();
        else leave();
      });
      // A choice by the mouse is made at once; one by the arrow keys waits for Enter.
      input.addEventListener("pointerdown", () => { this.byPointer = true; });
      input.addEventListener("change", () => {
        if (input.tagName === "SELECT" && this.byPointer && input.value) send();
        this.byPointer = false;
      });
      this.editor = input;
      opener.replaceWith(input);
      input.focus();
      input.select?.();
    });
    return opener;
  }
}

// The input that suits the type of a field.
function drawInput({ editor, choices }, value) {
  if (editor !== "choice") {
    const input = make("input", { type: editor === "date" ? "date" : "text", value });
    if (editor === "number") input.inputMode = "decimal";
    return input;
  }
  const blank = make("option", { value: "", textContent: "" });
  const options = choices.map(([key, label]) =>
    make("option", { value: key, textContent: label }),
  );
  const select = make("select", {}, blank, ...options);
  select.value = choices.some(([key]) => key === value) ? value : "";
  return select;
}

function hasProblem(row) {
  return row.problems.length > 0 || row.cells.some((cell) => cell.problem);
}

function render({ model, el }) {
  const grid = new PreviewGrid(model, el);
  let isScheduled = false;
  const load = () => {
    if (isScheduled) return;
    isScheduled = true; // several traits change at once
    queueMicrotask(() => {
      isScheduled = false;
      grid.load();
    });
  };
  model.on("change:rows change:columns change:place", load);
  return () => {
    grid.watcher.disconnect();
    model.off("change:rows change:columns change:place", load);
  };
}

export default localized({ render });
