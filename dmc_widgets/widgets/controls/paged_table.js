// A table that holds only the page in view. The kernel sorts, searches and pages. Only
// cells that have changed are drawn again, so that a refresh keeps the focus, the scroll
// position and an open menu.
// Texts may come from anybody: they are set as text, never as markup.
const SEARCH_DELAY_MS = 250;

let tables = 0;

class Table {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.name = `dmc-table-${(tables += 1)}`;
    this.requests = 0;
    this.pending = "";
    this.lines = new Map();
    this.headings = new Map();
    this.menu = new Menu((key, action) => model.send({ kind: "action", key, action }));
    el.classList.add("dmc-table");
    el.classList.toggle("dmc-table-dense", model.get("dense"));
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
    this.build();
    this.draw();
  }

  build() {
    this.body = make("tbody");
    this.note = make("p", { className: "dmc-table-note" });
    this.head = this.buildHead();
    this.table = make("table", {}, this.head, this.body);
    this.table.setAttribute("aria-label", this.model.get("label"));
    this.frame = make("div", { className: "dmc-table-frame" }, this.table, this.note);
    this.frame.tabIndex = -1;
    this.chosen = make("p", { className: "dmc-table-chosen" });
    this.chosen.setAttribute("role", "status");
    this.chosen.hidden = !this.isChecklist();
    this.body.addEventListener("keydown", (event) => this.walk(event));
    this.body.addEventListener("focusin", () => this.drawStop());
    this.el.append(this.buildSearch(), this.chosen, this.frame);
    this.el.append(this.buildPager(), this.menu.element);
  }

  buildSearch() {
    this.search = make("input", { type: "search", className: "dmc-table-search" });
    this.search.placeholder = this.model.get("search_label");
    this.search.setAttribute("aria-label", this.model.get("search_label"));
    const ask = () => {
      clearTimeout(this.timer);
      if (this.search.value !== this.view.query)
        this.ask({ query: this.search.value, offset: 0 });
    };
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(ask, SEARCH_DELAY_MS);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") ask();
    });
    this.search.hidden = !this.model.get("searchable");
    return this.search;
  }

  buildHead() {
    this.built = JSON.stringify(this.model.get("columns"));
    const line = make("tr");
    if (this.model.get("selectable")) line.append(this.buildSelectAll());
    for (const column of this.model.get("columns")) line.append(this.heading(column));
    return make("thead", {}, line);
  }

  // Other columns: no cell of before fits any more.
  rebuild() {
    for (const line of this.lines.values()) line.element.remove();
    this.lines.clear();
    this.headings.clear();
    this.menu.close();
    const head = this.buildHead();
    this.head.replaceWith(head);
    this.head = head;
    this.frame.style.minHeight = "";
    this.draw();
  }

  buildSelectAll() {
    this.all = make("input", { type: "checkbox" });
    this.all.setAttribute("aria-label", t("Select all on this page"));
    this.all.addEventListener("change", () => {
      const keys = this.selectableKeys();
      const others = this.model.get("selected").filter((key) => !keys.includes(key));
      this.select(this.all.checked ? [...others, ...keys] : others);
    });
    return make("th", { className: "dmc-table-check", scope: "col" }, this.all);
  }

  heading(column) {
    const className = `${alignment(column)} dmc-table-${column.kind} ${importance(column)}`;
    const cell = make("th", { scope: "col", className });
    if (column.width) cell.style.width = column.width;
    this.headings.set(column.key, cell);
    if (column.sortable) {
      const sorter = button("dmc-table-sort", column.label);
      sorter.addEventListener("click", () => this.sortBy(column.key));
      cell.append(sorter);
    } else if (column.kind === "actions") {
      cell.append(make("span", { className: "dmc-hidden-text", textContent: column.label }));
    } else {
      cell.textContent = column.label;
    }
    return cell;
  }

  buildPager() {
    const size = make("select", { className: "dmc-table-size" });
    size.setAttribute("aria-label", t("Entries per page"));
    for (const count of this.model.get("page_sizes"))
      size.append(make("option", { value: String(count), textContent: tn("{count} entry", "{count} entries", count) }));
    size.addEventListener("change", () => {
      const limit = Number(size.value);
      this.frame.style.minHeight = "";
      this.ask({ limit, offset: Math.floor(this.view.offset / limit) * limit });
    });
    this.size = size;
    this.range = make("span", { className: "dmc-table-range" });
    this.range.setAttribute("role", "status");
    this.turns = [
      ["«", t("First page"), () => 0],
      ["‹", t("Previous page"), ({ offset, limit }) => Math.max(0, offset - limit)],
      ["›", t("Next page"), ({ offset, limit }) => offset + limit],
      ["»", t("Last page"), ({ total, limit }) => Math.floor((total - 1) / limit) * limit],
    ].map(([sign, label, target]) => {
      const turn = button("dmc-table-turn", sign, label);
      turn.addEventListener("click", () => {
        if (turn.getAttribute("aria-disabled") === "true") return;
        this.ask({ offset: target({ ...this.view, total: this.model.get("page").total }) });
      });
      return turn;
    });
    this.pager = make("div", { className: "dmc-table-pager" }, size, this.range);
    this.pager.append(make("span", { className: "dmc-table-turns" }));
    this.pager.lastChild.append(...this.turns);
    return this.pager;
  }

  // Request other rows. Answers to older requests are ignored.
  ask(changes) {
    this.pending = `${this.name}-${(this.requests += 1)}`;
    this.view = { ...this.view, ...changes, request: this.pending };
    this.frame.setAttribute("aria-busy", "true");
    this.model.send({ kind: "ask", view: this.view });
  }

  sortBy(key) {
    const [by, descending] = this.view.sort ?? [];
    this.ask({ sort: [key, by === key && !descending], offset: 0 });
  }

  select(keys) {
    this.model.set("selected", keys);
    this.model.save_changes();
    this.drawSelection();
  }

  // With the shift key all rows between this one and the last one that was clicked.
  selectFrom(line, isRange, checked) {
    const { rows } = this.model.get("page");
    const keys = rows.map((row) => row.key);
    const from = isRange ? keys.indexOf(this.lastKey) : -1;
    const to = keys.indexOf(line.key);
    const range = from < 0 ? [line.key] : keys.slice(Math.min(from, to), Math.max(from, to) + 1);
    const able = new Set(this.selectableKeys());
    const marked = range.filter((key) => able.has(key));
    const others = this.model.get("selected").filter((key) => !marked.includes(key));
    this.lastKey = line.key;
    this.select(checked ? [...others, ...marked] : others);
  }

  // All rows on one page with check boxes; there may be hundreds.
  isChecklist() {
    return this.model.get("selectable") && this.model.get("page_size") === null;
  }

  checks() {
    return [...this.body.querySelectorAll(".dmc-table-check input:enabled")];
  }

  // A checklist is a single tab stop; the arrow keys move from row to row.
  drawStop() {
    if (!this.isChecklist()) return;
    const checks = this.checks();
    const focused = checks.find((check) => check === document.activeElement);
    const stop = focused ?? checks.find((check) => check.tabIndex === 0) ?? checks[0];
    for (const check of checks) check.tabIndex = check === stop ? 0 : -1;
  }

  walk(event) {
    const checks = this.checks();
    const at = checks.indexOf(event.target);
    const places = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: checks.length - 1,
    };
    const next = checks[places[event.key]];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
    // As in a list of files: the shift key takes what is passed along.
    if (event.shiftKey && next.checked !== event.target.checked) next.click();
  }

  selectableKeys() {
    const { rows } = this.model.get("page");
    return rows.filter((row) => row.selectable !== false).map((row) => row.key);
  }

  draw() {
    const page = this.model.get("page");
    if (this.pending && page.request !== this.pending) return;
    if (this.built !== JSON.stringify(this.model.get("columns"))) return this.rebuild();
    this.pending = "";
    this.frame.removeAttribute("aria-busy");
    const { request, offset, limit, sort, query } = page;
    this.view = { request, offset, limit, sort, query };
    if (document.activeElement !== this.search) this.search.value = query;
    this.drawHeadings(sort);
    this.drawRows(page.rows);
    this.note.textContent = page.error || this.model.get("empty_text");
    this.note.hidden = page.rows.length > 0;
    this.note.classList.toggle("dmc-table-failed", page.error !== "");
    this.note.setAttribute("role", page.error ? "alert" : "note");
    this.drawPager(page);
    this.drawSelection();
    this.drawStop();
  }

  drawHeadings(sort) {
    for (const { key, sortable } of this.model.get("columns")) {
      const order = sort?.[0] !== key ? "none" : sort[1] ? "descending" : "ascending";
      if (sortable) this.headings.get(key).setAttribute("aria-sort", order);
    }
  }

  drawRows(rows) {
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, line] of this.lines) {
      if (wanted.has(key)) continue;
      if (this.menu.opener && line.element.contains(this.menu.opener)) this.menu.close();
      if (line.element.contains(document.activeElement)) this.frame.focus();
      line.element.remove();
      this.lines.delete(key);
    }
    rows.forEach((row, index) => {
      if (!this.lines.has(row.key)) this.lines.set(row.key, new Line(this, row.key));
      const line = this.lines.get(row.key);
      line.draw(row);
      // An element that is moved loses the focus, so move as few as possible.
      const here = this.body.children[index];
      if (here !== line.element) this.body.insertBefore(line.element, here ?? null);
    });
  }

  drawPager({ offset, limit, total, rows }) {
    const paged = this.model.get("page_size") !== null;
    this.pager.hidden = !paged || total === 0;
    this.size.value = String(limit);
    const from = numberText(offset + 1);
    const to = numberText(offset + rows.length);
    const range = t("{from}–{to} of {total}", { from, to, total: numberText(total) });
    if (this.range.textContent !== range) this.range.textContent = range;
    const first = offset === 0;
    const last = offset + rows.length >= total;
    this.turns.forEach((turn, index) => {
      // Not "disabled": the button that was just pressed would lose the focus.
      turn.setAttribute("aria-disabled", String(index < 2 ? first : last));
    });
    // A shorter last page must not move the pager from under the pointer.
    const keep = paged && total > limit ? this.table.offsetHeight : 0;
    const before = keep ? parseInt(this.frame.style.minHeight, 10) || 0 : 0;
    this.frame.style.minHeight = keep ? `${Math.max(before, keep)}px` : "";
  }

  drawSelection() {
    if (!this.all) return;
    const selected = new Set(this.model.get("selected"));
    for (const [key, line] of this.lines) line.mark(selected.has(key));
    const keys = this.selectableKeys();
    const count = keys.filter((key) => selected.has(key)).length;
    this.all.checked = count > 0 && count === keys.length;
    this.all.indeterminate = count > 0 && count < keys.length;
    this.all.disabled = keys.length === 0;
    const { total, query } = this.model.get("page");
    const counts = { count: numberText(selected.size), total: numberText(total) };
    const chosen = query
      ? t("{count} selected, {total} found", counts)
      : t("{count} selected, {total} in all", counts);
    if (this.chosen.textContent !== chosen) this.chosen.textContent = chosen;
  }
}

function importance({ priority }) {
  return `dmc-table-priority-${priority ?? 1}`;
}

function alignment({ align, kind }) {
  return `dmc-table-${align || (kind === "number" ? "end" : "start")}`;
}

function render({ model, el }) {
  const table = new Table(model, el);
  const clock = setInterval(() => refreshTimes(el), 20_000);
  const draw = () => table.draw();
  const drawSelection = () => table.drawSelection();
  const rebuild = () => table.rebuild();
  model.on("change:columns", rebuild);
  model.on("change:page change:empty_text", draw);
  model.on("change:selected", drawSelection);
  return () => {
    clearTimeout(table.timer);
    clearInterval(clock);
    table.menu.close();
    model.off("change:page change:empty_text", draw);
    model.off("change:selected", drawSelection);
    model.off("change:columns", rebuild);
  };
}

export default localized({ render });
