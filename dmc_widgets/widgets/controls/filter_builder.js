// Rows of conditions. A row is drawn again only when its field or its operator changes,
// so that the focus stays while somebody types.
// Texts may come from anybody: they are set as text, never as markup.
const TYPED_AFTER_MS = 300;
const TYPES = { number: "number", day: "date", moment: "datetime-local" };

class ConditionRow {
  constructor(builder, number) {
    this.builder = builder;
    this.field = make("select", { className: "dmc-condition-field" });
    this.operator = make("select", { className: "dmc-condition-operator" });
    this.value = make("span", { className: "dmc-condition-value" });
    this.remove = button("dmc-condition-remove", "\u00d7");
    this.element = make("li", {}, this.field, this.operator, this.value, this.remove);
    this.field.addEventListener("change", () => this.chooseField());
    this.operator.addEventListener("change", () => this.chooseOperator());
    this.remove.addEventListener("click", () => builder.removeRow(this));
    this.shape = "";
    this.setNumber(number);
  }

  setNumber(number) {
    this.number = number;
    this.field.setAttribute("aria-label", t("Field of condition {number}", { number }));
    this.operator.setAttribute("aria-label", t("Comparison of condition {number}", { number }));
    this.remove.setAttribute("aria-label", t("Remove condition {number}", { number }));
    this.remove.title = t("Remove condition {number}", { number });
    this.labelInput();
  }

  labelInput() {
    const label = t("Value of condition {number}", { number: this.number });
    this.input?.setAttribute("aria-label", label);
  }

  find() {
    return this.builder.fields.get(this.row.field);
  }

  draw(row) {
    this.row = { ...row };
    const field = this.find();
    const options = [...this.builder.fields.values()].map(({ name, label }) => [name, label]);
    if (!field) options.unshift([row.field, row.field]);
    this.fill(this.field, options, row.field);
    const operators = this.builder.operators[field?.kind ?? "text"] ?? [];
    this.fill(this.operator, operators, row.operator);
    const takesValue = operators.find(([key]) => key === row.operator)?.[2] ?? true;
    const shape = JSON.stringify([row.field, row.operator, field?.kind]);
    if (shape !== this.shape) this.buildInput(takesValue ? field : null, row.operator);
    this.shape = shape;
    this.showValues();
  }

  fill(select, options, value) {
    const lines = options.map(([key, label]) => new Option(label, key, false, key === value));
    select.replaceChildren(...lines);
  }

  buildInput(field, operator) {
    this.input = null;
    this.value.replaceChildren();
    if (!field) return;
    const isMany = operator === "in";
    if (field.kind === "boolean" || field.choices.length) this.input = this.buildSelect(field, isMany);
    else {
      const type = isMany ? "text" : (TYPES[field.kind] ?? "text");
      this.input = make("input", { type, autocomplete: "off", dir: "auto" });
      if (type === "number") this.input.step = "any";
      if (type === "datetime-local") this.input.step = "1";
      if (isMany) this.input.placeholder = t("Several, with commas between them");
      else if (field.kind === "code") this.input.placeholder = t("External reference code");
    }
    this.input.addEventListener("input", () => this.builder.sendSoon(this));
    this.input.addEventListener("change", () => this.builder.send());
    this.value.append(this.input);
    if (field.kind === "moment") this.value.append(make("small", { textContent: "UTC" }));
    this.labelInput();
  }

  buildSelect(field, isMany) {
    const boolean = [["true", t("Yes")], ["false", t("No")]];
    const choices = field.kind === "boolean" ? boolean : field.choices;
    const select = make("select", { multiple: isMany });
    if (isMany) select.size = Math.min(5, choices.length);
    else if (field.kind !== "boolean") select.append(new Option(t("Choose…"), ""));
    for (const [key, label] of choices) select.append(new Option(label || key, key));
    return select;
  }

  showValues() {
    const { input } = this;
    if (!input || input === document.activeElement) return;
    const { values } = this.row;
    if (input.tagName === "INPUT") {
      const text = values.join(", ");
      if (input.value !== text) input.value = text;
      return;
    }
    for (const value of values)
      if (![...input.options].some((option) => option.value === value)) input.append(new Option(value, value));
    for (const option of input.options) option.selected = values.includes(option.value);
    if (!values.length && !input.multiple) input.selectedIndex = 0;
  }

  read() {
    const { input } = this;
    let values = [];
    if (input?.tagName === "INPUT" && input.value === this.row.values.join(", ")) {
      values = this.row.values; // a comma within a value is no end of it
    } else if (input?.tagName === "INPUT") {
      const texts = this.operator.value === "in" ? input.value.split(",") : [input.value];
      values = texts.map((text) => text.trim()).filter(Boolean);
    } else if (input) values = [...input.selectedOptions].map((option) => option.value).filter(Boolean);
    return { field: this.field.value, operator: this.operator.value, values };
  }

  chooseField() {
    const before = this.builder.fields.get(this.row.field)?.kind;
    const { kind, choices } = this.builder.fields.get(this.field.value);
    const operators = this.builder.operators[kind];
    const keeps = operators.some(([key]) => key === this.operator.value) && kind === before;
    const operator = keeps ? this.operator.value : operators[0][0];
    const values = kind === "boolean" ? ["true"] : keeps && !choices.length ? this.read().values : [];
    this.draw({ field: this.field.value, operator, values });
    this.builder.send();
  }

  chooseOperator() {
    this.draw({ ...this.read(), operator: this.operator.value });
    this.builder.send();
  }
}

class FilterBuilderView {
  constructor(model) {
    this.model = model;
    this.rows = [];
    this.list = make("ol", { className: "dmc-conditions" });
    this.join = make("select");
    this.join.append(new Option(t("all conditions"), "and"), new Option(t("any condition"), "or"));
    this.join.setAttribute("aria-label", t("How many conditions have to be met"));
    this.join.addEventListener("change", () => this.send());
    const words = make("span", { textContent: t("Records that meet") });
    this.head = make("div", { className: "dmc-conditions-head" }, words, this.join);
    this.empty = make("p", { className: "dmc-conditions-empty", textContent: t("No condition: all records are exported.") });
    this.add = button("dmc-condition-add", t("Add Condition"));
    this.add.addEventListener("click", () => {
      this.focusesLast = true;
      this.flush();
      model.send({ kind: "add" });
    });
    this.element = make("div", {}, this.head, this.empty, this.list, this.add);
    this.element.setAttribute("role", "group");
  }

  draw() {
    this.fields = new Map(this.model.get("fields").map((field) => [field.name, field]));
    this.operators = this.model.get("operators");
    this.element.setAttribute("aria-label", this.model.get("label"));
    const rows = this.model.get("rows");
    while (this.rows.length > rows.length) this.rows.pop().element.remove();
    while (this.rows.length < rows.length) {
      const row = new ConditionRow(this, this.rows.length + 1);
      this.rows.push(row);
      this.list.append(row.element);
    }
    rows.forEach((row, place) => this.rows[place].draw(row));
    this.join.value = this.model.get("any_of") ? "or" : "and";
    this.drawParts();
    if (this.focusesLast && rows.length) this.rows.at(-1).field.focus();
    this.focusesLast = false;
  }

  drawParts() {
    this.head.hidden = this.rows.length < 2;
    this.empty.hidden = this.rows.length > 0;
    this.add.disabled = !this.fields.size;
  }

  removeRow(row) {
    const place = this.rows.indexOf(row);
    this.rows.splice(place, 1);
    row.element.remove();
    this.rows.forEach((other, number) => other.setNumber(number + 1));
    this.drawParts();
    (this.rows[Math.min(place, this.rows.length - 1)]?.remove ?? this.add).focus();
    this.send();
  }

  sendSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), TYPED_AFTER_MS);
  }

  flush() {
    if (this.timer) this.send();
  }

  send() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const rows = this.rows.map((row) => row.read());
    rows.forEach((row, place) => (this.rows[place].row = row));
    this.model.send({ kind: "change", rows, any_of: this.join.value === "or" });
  }

  focus() {
    const open = this.rows.find((row) => row.input && !row.read().values.length);
    (open?.input ?? this.add).focus();
  }
}

function render({ model, el }) {
  el.classList.add("dmc-filter-builder");
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  const view = new FilterBuilderView(model);
  el.append(view.element);
  const draw = () => view.draw();
  const focus = ({ kind }) => kind === "focus" && view.focus();
  draw();
  model.on("change:fields change:operators change:rows change:any_of change:label", draw);
  model.on("msg:custom", focus);
  return () => {
    clearTimeout(view.timer);
    model.off("change:fields change:operators change:rows change:any_of change:label", draw);
    model.off("msg:custom", focus);
  };
}

export default localized({ render });
