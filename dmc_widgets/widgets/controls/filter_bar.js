// A search box, and a button with a menu for each filter. A filter that is set shows its
// value, and a button beside it removes it.
// Labels may come from anybody: they are set as text, never as markup.
const SEARCH_DELAY_MS = 250;

class FilterBar {
  constructor(model, el) {
    this.model = model;
    this.groups = new Map();
    this.menu = new Menu((key, value) => this.choose(key, value), { isChoice: true });
    el.classList.add("dmc-filters");
    el.setAttribute("role", "search");
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
    this.row = make("div", { className: "dmc-filters-row" });
    this.clear = button("dmc-filters-clear", t("Clear All"));
    this.clear.addEventListener("click", () => this.clearAll());
    el.append(this.buildSearch(), this.row, this.menu.element);
    this.draw();
  }

  buildSearch() {
    const { model } = this;
    this.search = make("input", { type: "search", className: "dmc-filters-search" });
    this.search.setAttribute("aria-label", model.get("label"));
    this.search.placeholder = model.get("placeholder") || model.get("label");
    this.search.value = model.get("query");
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), SEARCH_DELAY_MS);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.ask();
    });
    return this.search;
  }

  ask() {
    clearTimeout(this.timer);
    if (this.search.value === this.model.get("query")) return;
    this.model.set("query", this.search.value);
    this.model.save_changes();
  }

  choose(key, value) {
    const { [key]: _old, ...others } = this.model.get("chosen");
    this.model.set("chosen", value ? { ...others, [key]: value } : others);
    this.model.save_changes();
  }

  clearAll() {
    this.search.value = "";
    this.model.set("query", "");
    this.model.set("chosen", {});
    this.model.save_changes();
    this.search.focus();
  }

  group({ key, label }) {
    const opener = button("dmc-filter-opener", "");
    opener.setAttribute("aria-haspopup", "menu");
    opener.setAttribute("aria-expanded", "false");
    const open = () => this.menu.toggle(opener, key, this.items(key));
    opener.addEventListener("click", open);
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      open();
    });
    const remove = button("dmc-filter-remove", "×", t("Remove the filter {label}", { label }));
    remove.addEventListener("click", () => {
      this.choose(key, "");
      opener.focus();
    });
    const element = make("span", { className: "dmc-filter" }, opener, remove);
    this.row.append(element);
    return { element, opener, remove };
  }

  items(key) {
    const { options } = this.model.get("filters").find((one) => one.key === key);
    const chosen = this.model.get("chosen")[key] ?? "";
    const all = ["", t("All"), { checked: chosen === "" }];
    return [
      all,
      ...options.map(([value, label, count]) => [
        value,
        label,
        { checked: value === chosen, note: count === null ? "" : numberText(count) },
      ]),
    ];
  }

  draw() {
    const { model } = this;
    const chosen = model.get("chosen");
    for (const one of model.get("filters")) {
      if (!this.groups.has(one.key)) this.groups.set(one.key, this.group(one));
      const { element, opener, remove } = this.groups.get(one.key);
      const value = chosen[one.key] ?? "";
      const found = one.options.find(([option]) => option === value);
      const text = value ? `${one.label}: ${found?.[1] ?? value}` : one.label;
      if (opener.textContent !== text) opener.textContent = text;
      opener.title = value ? text : "";
      element.classList.toggle("dmc-filter-set", value !== "");
      remove.hidden = value === "";
    }
    if (document.activeElement !== this.search) this.search.value = model.get("query");
    this.clear.hidden = Object.keys(chosen).length + (model.get("query") ? 1 : 0) < 2;
    this.row.append(this.clear);
  }
}

function render({ model, el }) {
  const bar = new FilterBar(model, el);
  const draw = () => bar.draw();
  model.on("change:query change:chosen change:filters", draw);
  return () => {
    clearTimeout(bar.timer);
    bar.menu.close();
    model.off("change:query change:chosen change:filters", draw);
  };
}

export default localized({ render });
