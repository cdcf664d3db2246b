// Groups of links with a search box. Texts may come from anybody: they are set as text.
// Only the icons are markup, and they are ours.

class LinkList {
  constructor(model, el) {
    this.model = model;
    this.name = `dmc-links-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    el.classList.add("dmc-links");
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
    this.search = make("input", { type: "search", className: "dmc-links-search" });
    this.search.addEventListener("input", () => this.filter());
    this.nav = make("nav", { className: "dmc-links-groups" });
    this.note = make("p", { className: "dmc-links-note" });
    this.note.setAttribute("role", "status");
    el.append(this.search, this.nav, this.note);
    this.draw();
  }

  draw() {
    this.search.hidden = !this.model.get("searchable");
    this.search.placeholder = this.model.get("search_label");
    this.search.setAttribute("aria-label", this.model.get("search_label"));
    this.nav.setAttribute("aria-label", this.model.get("label"));
    const focused = this.nav.contains(document.activeElement)
      ? document.activeElement.dataset.key
      : undefined;
    this.nav.replaceChildren(...this.model.get("groups").map((group, at) => this.group(group, at)));
    this.filter();
    if (focused !== undefined) this.find(focused)?.focus();
  }

  find(key) {
    return [...this.nav.querySelectorAll("a")].find((link) => link.dataset.key === key);
  }

  group({ title, items }, at) {
    const list = make("ul", {}, ...items.map((item) => this.item(item)));
    if (!title) return make("section", {}, list);
    const id = `${this.name}-${at}`;
    list.setAttribute("aria-labelledby", id);
    return make("section", {}, make("h3", { textContent: title, id }), list);
  }

  item({ key, label, detail, hint, icon, href, current }) {
    const link = make("a", { className: "dmc-links-link", title: hint });
    link.href = href || "#";
    link.dataset.key = key;
    link.dataset.text = `${label}\n${hint}`.toLocaleLowerCase();
    if (current) link.setAttribute("aria-current", "page");
    if (icon) {
      const picture = make("span", { className: "dmc-links-icon", innerHTML: icon });
      link.append(picture);
    }
    link.append(make("span", { className: "dmc-links-label", textContent: label }));
    if (detail) link.append(" ", make("span", { className: "dmc-links-detail", textContent: detail }));
    link.addEventListener("click", (event) => {
      if (href && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
      event.preventDefault();
      this.model.send({ kind: "link", key });
    });
    return make("li", {}, link);
  }

  filter() {
    const words = this.search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const section of this.nav.children) {
      let shown = 0;
      for (const item of section.querySelectorAll("li")) {
        const { text } = item.firstChild.dataset;
        item.hidden = !words.every((word) => text.includes(word));
        if (!item.hidden) shown += 1;
      }
      section.hidden = shown === 0;
      found += shown;
    }
    this.note.textContent = found ? "" : this.model.get("empty_text");
  }
}

function render({ model, el }) {
  const list = new LinkList(model, el);
  const draw = () => list.draw();
  const names = "change:groups change:label change:searchable change:empty_text";
  model.on(names, draw);
  return () => model.off(names, draw);
}

export default localized({ render });
