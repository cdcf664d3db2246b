// The table of source values and their targets. An input keeps what is typed while it has
// the focus, whatever rows the kernel sends.
// Texts may come from anybody: they are set as text, never as markup.
const VALUE_DELAY_MS = 250;

class ValueLine {
  constructor(table, source) {
    this.table = table;
    this.source = source;
    this.cell = make("th", { textContent: source });
    this.cell.scope = "row";
    this.count = make("td", { className: "dmc-values-count" });
    this.note = make("small");
    this.target = make("td");
    this.element = make("tr", {}, this.cell, this.count, this.target);
    this.target.append(this.note);
  }

  draw(row, choices) {
    this.count.textContent = row.count ? numberText(row.count) : "–";
    if (!this.input || (this.input.tagName === "SELECT") !== choices.length > 0)
      this.build(choices);
    if (choices.length) this.offer(row, choices);
    else if (this.input !== document.activeElement) this.input.value = row.target;
    this.note.textContent = row.note;
    this.note.hidden = !row.note;
    this.note.classList.toggle("dmc-values-doubtful", row.doubtful);
  }

  build(choices) {
    this.input?.remove();
    this.input = make(choices.length ? "select" : "input");
    if (!choices.length) this.input.placeholder = t("Not mapped");
    this.input.setAttribute("aria-label", t("Target value for {source}", { source: this.source }));
    this.target.prepend(this.input);
    const tell = () => this.table.map(this.source, this.input.value);
    this.input.addEventListener("change", () => {
      clearTimeout(this.timer);
      tell();
    });
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      if (!choices.length) this.timer = setTimeout(tell, VALUE_DELAY_MS);
    });
  }

  offer(row, choices) {
    const known = choices.some(([value]) => value === row.target);
    const other = row.target && !known ? [[row.target, t("{key} (no such key)", { key: row.target })]] : [];
    const options = [["", t("Not mapped")], ...choices, ...other];
    const text = JSON.stringify(options);
    if (this.offered !== text) {
      this.offered = text;
      this.input.replaceChildren(
        ...options.map(([value, label]) => make("option", { value, textContent: label })),
      );
    }
    this.input.value = row.target;
  }
}

class ValueTable {
  constructor(model, el) {
    this.model = model;
    this.lines = new Map();
    el.classList.add("dmc-values");
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
    this.body = make("tbody");
    const heads = [t("Value in the File"), t("Records"), t("Becomes")];
    const cells = heads.map((text) => make("th", { scope: "col", textContent: text }));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...cells)), this.body);
    table.setAttribute("aria-label", t("Value Table"));
    this.more = make("input", { placeholder: t("Another value of the file") });
    this.more.setAttribute("aria-label", t("Another value of the file"));
    const add = button("dmc-values-add", t("Add Value"));
    add.addEventListener("click", () => this.add());
    this.more.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.add();
    });
    el.append(make("div", { className: "dmc-values-frame" }, table));
    el.append(make("div", { className: "dmc-values-bar" }, this.more, add));
    this.draw();
  }

  map(source, target) {
    this.model.send({ kind: "map", source, target });
  }

  add() {
    const source = this.more.value;
    if (!source || this.lines.has(source)) return;
    this.more.value = "";
    this.added = source;
    this.model.send({ kind: "add", source });
  }

  draw() {
    const rows = this.model.get("rows");
    const choices = this.model.get("choices");
    const before = this.lines;
    this.lines = new Map(
      rows.map(({ source }) => [source, before.get(source) ?? new ValueLine(this, source)]),
    );
    for (const row of rows) this.lines.get(row.source).draw(row, choices);
    if ([...before.keys()].join("\n") !== [...this.lines.keys()].join("\n"))
      this.body.replaceChildren(...[...this.lines.values()].map((each) => each.element));
    const added = this.lines.get(this.added);
    if (added) {
      this.added = undefined;
      added.input.focus();
    }
  }
}

function render({ model, el }) {
  const table = new ValueTable(model, el);
  const draw = () => table.draw();
  model.on("change:rows change:choices", draw);
  return () => model.off("change:rows change:choices", draw);
}

export default localized({ render });
