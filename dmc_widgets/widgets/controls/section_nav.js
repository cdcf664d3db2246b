// Links to the sections of a page. The page moves only here, never by an address: that of
// the browser belongs to the page as a whole.
class SectionNav {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    el.classList.add("dmc-sections");
    el.setAttribute("role", "navigation");
    el.setAttribute("aria-label", model.get("label"));
    this.list = make("ul");
    el.append(this.list);
    this.draw();
  }

  draw() {
    const focused = document.activeElement?.dataset?.section;
    this.list.replaceChildren(
      ...this.model.get("sections").map(([key, label, note]) => {
        const link = button("dmc-sections-link", label);
        if (note) link.append(make("span", { className: "dmc-sections-note", textContent: note }));
        link.dataset.section = key;
        link.addEventListener("click", () => this.open(key));
        return make("li", {}, link);
      }),
    );
    if (focused) this.list.querySelector(`[data-section="${CSS.escape(focused)}"]`)?.focus();
  }

  open(key) {
    this.model.send({ kind: "open", key });
    const page = this.el.closest(".dmc-page") ?? document;
    const section = page.querySelector(`.dmc-section-${CSS.escape(key)}`);
    if (!section) return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    section.scrollIntoView({ behavior: isCalm ? "auto" : "smooth", block: "start" });
    const heading = section.querySelector("h2") ?? section;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

function render({ model, el }) {
  const nav = new SectionNav(model, el);
  const draw = () => nav.draw();
  model.on("change:sections", draw);
  return () => model.off("change:sections", draw);
}

export default localized({ render });
