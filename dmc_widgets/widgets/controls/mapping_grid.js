// The mapping grid: a row for each field. Only what has changed is drawn again, so that
// the focus and an open list stay.
// Texts may come from anybody: they are set as text, never as markup.
const EAGER_OPTIONS = 20_000; // in all lists together; more are filled when opened

const FILTERS = {
  Unmapped: (row) => !row.filled,
  Problems: (row) => row.failed || row.doubtful || (row.required && !row.filled),
};

class MappingRow {
  constructor(grid, key) {
    this.grid = grid;
    this.key = key;
    this.drawn = "";
    this.name = make("strong");
    this.note = make("small");
    this.select = make("select");
    this.rowSummary = make("small", { className: "dmc-grid-row-summary" });
    this.reason = make("small", { className: "dmc-grid-reason" });
    this.preview = make("td", { className: "dmc-grid-preview" });
    this.edit = button("dmc-grid-edit", t("Edit…"), t("Edit {key}", { key }));
    this.forget = button("dmc-grid-forget", t("Forget"), t("Forget what filled {key} before", { key }));
    this.forget.addEventListener("click", () => grid.model.send({ kind: "forget", key }));
    this.select.setAttribute("aria-label", t("Source File Field for {key}", { key }));
    const head = make("th", {}, this.name, this.note);
    head.scope = "row";
    this.element = make(
      "tr",
      {},
      head,
      make("td", {}, this.select, this.rowSummary, this.reason, this.forget),
      this.preview,
      make("td", { className: "dmc-grid-end" }, this.edit),
    );
    const fill = () => this.fill();
    for (const kind of ["pointerdown", "focus", "keydown"])
      this.select.addEventListener(kind, fill);
    this.select.addEventListener("change", () =>
      grid.model.send({ kind: "choose", key, source: this.select.value }),
    );
    this.edit.addEventListener("click", () => grid.model.send({ kind: "edit", key }));
  }

  draw(row) {
    const text = JSON.stringify(row);
    if (text === this.drawn) return;
    this.drawn = text;
    this.row = row;
    this.name.textContent = row.name;
    this.put(this.note, row.note);
    this.put(this.rowSummary, row.source || !row.filled ? row.summary : "");
    this.put(this.reason, row.reason);
    if (row.score) {
      const score = make("span", { className: "dmc-grid-score" });
      score.textContent = new Intl.NumberFormat(language.code, { style: "percent" }).format(row.score);
      score.title = t("How certain the suggestion is");
      this.reason.append(" ", score);
    }
    this.forget.hidden = !row.remembered;
    this.reason.classList.toggle("dmc-grid-doubtful", row.doubtful);
    this.select.classList.toggle("dmc-grid-missing", row.missing);
    this.select.setAttribute("aria-invalid", String(row.missing));
    this.select.setAttribute("aria-required", String(row.required));
    this.preview.textContent = row.preview;
    this.preview.title = row.preview;
    this.preview.classList.toggle("dmc-grid-failed", row.failed);
    this.refill();
  }

  put(element, text) {
    element.textContent = text;
    element.hidden = !text;
  }

  // The current option of the list, and the fields of the file if they are few.
  refill() {
    const { sources, eager } = this.grid;
    this.full = false;
    this.kept = !sources.has(this.row.source) && this.row.filled;
    this.select.disabled = sources.size === 0;
    if (eager) this.fill();
    else this.set(this.kept ? [] : [this.row.source].filter(Boolean));
  }

  fill() {
    if (this.full) return;
    this.full = true;
    this.set([...this.grid.sources]);
  }

  // A source that is not a field of the file has no option of its own.
  set(names) {
    const { labels } = this.grid;
    const options = names.map((name) =>
      make("option", { value: name, textContent: labels[name] ?? name }),
    );
    const blank = make("option", { value: "", textContent: "" });
    const kept = make("option", { value: "\u0000", textContent: this.row.label });
    this.select.replaceChildren(blank, ...(this.kept ? [kept] : []), ...options);
    this.select.value = this.kept ? "\u0000" : this.row.source;
  }

  matches(query, filter) {
    if (filter && !FILTERS[filter](this.row)) return false;
    const { name, note, source, summary } = this.row;
    return [name, note, source, summary].some((x) => x.toLowerCase().includes(query));
  }
}

class MappingGrid {
  constructor(model, el) {
    this.model = model;
    this.rowViews = new Map();
    this.dividers = new Map();
    el.classList.add("dmc-grid");
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
    this.search = make("input", { type: "search", placeholder: t("Search Fields") });
    this.search.setAttribute("aria-label", t("Search Fields"));
    this.search.addEventListener("input", () => this.sift());
    this.summary = make("p", { className: "dmc-grid-summary" });
    this.summary.setAttribute("role", "status");
    this.none = make("p", { className: "dmc-grid-none", textContent: t("No field matches.") });
    this.body = make("tbody");
    const heads = [t("Destination Field"), t("Source File Field"), t("Preview"), ""];
    const cells = heads.map((text) => make("th", { scope: "col", textContent: text }));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...cells)), this.body);
    table.setAttribute("aria-label", t("Import Mappings"));
    this.frame = make("div", { className: "dmc-grid-frame" }, table, this.none);
    this.filter = "";
    this.chips = make("div", { className: "dmc-grid-chips" });
    this.chips.setAttribute("role", "group");
    this.chips.setAttribute("aria-label", t("Show fields"));
    this.unused = make("div", { className: "dmc-grid-unused" });
    const bar = make("div", { className: "dmc-grid-bar" }, this.search, this.chips, this.summary);
    el.append(bar, this.frame, this.unused);
    this.draw();
  }

  draw() {
    const rows = this.model.get("rows");
    const sources = this.model.get("sources");
    const changed = sources !== this.given;
    this.given = sources;
    this.labels = this.model.get("labels");
    this.sources = new Set(sources);
    this.eager = rows.length * sources.length <= EAGER_OPTIONS;
    const before = this.rowViews;
    this.rowViews = new Map(
      rows.map(({ key }) => [key, before.get(key) ?? new MappingRow(this, key)]),
    );
    for (const row of rows) {
      const rowView = this.rowViews.get(row.key);
      if (changed) rowView.drawn = "";
      rowView.draw(row);
    }
    this.summary.textContent = this.model.get("summary");
    const same = [...before.keys()].join("\n") === [...this.rowViews.keys()].join("\n");
    if (!same || !this.body.firstChild) this.lay(rows);
    this.drawChips(rows);
    this.drawColumns(rows);
    this.sift();
  }

  lay(rows) {
    const elements = [];
    this.dividers = new Map();
    for (const row of rows) {
      if (!this.dividers.has(row.group)) {
        const cell = make("th", { colSpan: 4, scope: "rowgroup", textContent: row.group });
        const divider = make("tr", { className: "dmc-grid-divider" }, cell);
        this.dividers.set(row.group, divider);
        elements.push(divider);
      }
      elements.push(this.rowViews.get(row.key).element);
    }
    this.body.replaceChildren(...elements);
    this.search.hidden = rows.length < 12;
    this.frame.classList.toggle("dmc-grid-long", rows.length > 40);
  }

  drawChips(rows) {
    const counts = [["", t("All {count}", { count: numberText(rows.length) })]];
    for (const [name, fits] of Object.entries(FILTERS))
      counts.push([name, `${name} ${rows.filter(fits).length}`]);
    const hadFocus = this.chips.contains(document.activeElement);
    const made = counts.map(([name, text]) => {
      const chip = button("dmc-grid-chip", text);
      chip.setAttribute("aria-pressed", String(name === this.filter));
      chip.addEventListener("click", () => {
        this.filter = name;
        this.drawChips(rows);
        this.sift();
      });
      return chip;
    });
    this.chips.replaceChildren(...made);
    if (hadFocus) this.chips.querySelector('[aria-pressed="true"]').focus();
  }

  // The columns of the file, each with values, and what it fills or a list of the free
  // fields.
  drawColumns(rows) {
    const columns = this.model.get("columns");
    const free = rows.filter((row) => !row.filled);
    const unused = columns.filter(({ targets }) => !targets.length);
    const showsAll = this.showsAll || !unused.length;
    const key = JSON.stringify([columns, free.map((row) => row.key), showsAll]);
    if (key === this.drawnColumns) return;
    this.drawnColumns = key;
    const shown = showsAll ? columns : unused;
    const lines = shown.map((column) => this.drawColumn(column, free));
    const title = t("Columns of the File");
    const head = make("p", { className: "dmc-grid-unused-title", textContent: title });
    const chips = [
      [true, t("All {count}", { count: numberText(columns.length) })],
      [false, t("Unused {count}", { count: numberText(unused.length) })],
    ].map(([all, text]) => this.drawColumnChip(text, all, showsAll, rows));
    const group = make("div", { className: "dmc-grid-chips" }, ...chips);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", t("Show columns"));
    const hadFocus = this.unused.querySelector(".dmc-grid-chips")?.contains(document.activeElement);
    const list = make("ul", {}, ...lines);
    this.unused.replaceChildren(make("div", { className: "dmc-grid-bar" }, head, group), list);
    this.unused.hidden = !columns.length;
    if (hadFocus) group.querySelector('[aria-pressed="true"]').focus();
  }

  drawColumnChip(text, all, showsAll, rows) {
    const chip = button("dmc-grid-chip", text);
    chip.setAttribute("aria-pressed", String(all === showsAll));
    chip.addEventListener("click", () => {
      this.showsAll = all;
      this.drawColumns(rows);
    });
    return chip;
  }

  drawColumn({ name, label, samples, targets }, free) {
    const text = make("span", { className: "dmc-grid-samples", textContent: samples.join(" · "), dir: "auto" });
    const line = make("li", {}, make("strong", { textContent: label, dir: "auto" }), text);
    if (targets.length) {
      const fills = t("fills {names}", { names: targets.join(", ") });
      line.append(make("span", { className: "dmc-grid-fills", textContent: fills }));
      return line;
    }
    const select = make("select", {}, make("option", { value: "", textContent: t("Left out") }));
    select.setAttribute("aria-label", t("Fill from {name}", { name }));
    for (const row of free)
      select.append(make("option", { value: row.key, textContent: row.note || row.name }));
    select.addEventListener("change", () => {
      if (select.value)
        this.model.send({ kind: "choose", key: select.value, source: name });
    });
    line.append(select);
    return line;
  }

  // Scroll to a row and focus its list.
  lead(key) {
    const rowView = this.rowViews.get(key);
    if (!rowView) return;
    if (rowView.element.hidden) this.search.value = this.filter = "";
    this.drawChips([...this.rowViews.values()].map((view) => view.row));
    this.sift();
    rowView.select.scrollIntoView({ block: "center" });
    rowView.select.focus({ preventScroll: true });
  }

  sift() {
    const query = this.search.hidden ? "" : this.search.value.trim().toLowerCase();
    const full = new Set();
    for (const rowView of this.rowViews.values()) {
      const shown = rowView.matches(query, this.filter);
      rowView.element.hidden = !shown;
      if (shown) full.add(rowView.row.group);
    }
    for (const [group, divider] of this.dividers) divider.hidden = !full.has(group);
    this.none.hidden = full.size > 0;
  }
}

function render({ model, el }) {
  const grid = new MappingGrid(model, el);
  let isScheduled = false;
  const draw = () => {
    if (isScheduled) return;
    isScheduled = true; // several traits change at once
    queueMicrotask(() => {
      isScheduled = false;
      grid.draw();
    });
  };
  const lead = ({ kind, key }) => {
    if (kind !== "focus") return;
    grid.draw(); // the rows may have changed since
    grid.lead(key);
  };
  model.on("change:rows change:sources change:summary change:columns", draw);
  model.on("msg:custom", lead);
  return () => {
    model.off("change:rows change:sources change:summary change:columns", draw);
    model.off("msg:custom", lead);
  };
}

export default localized({ render });
