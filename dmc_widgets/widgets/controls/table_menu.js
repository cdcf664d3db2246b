// The menu of a table, in the browser's top layer, where nothing can clip it.
class Menu {
  // Of a menu of choices one item is marked as the present one.
  constructor(choose, { isChoice = false } = {}) {
    this.isChoice = isChoice;
    this.element = make("div", { className: "dmc-table-menu", popover: "manual" });
    this.element.setAttribute("role", "menu");
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.choose = choose;
    this.opener = null;
    this.onOutside = ({ target }) => {
      if (!this.element.contains(target) && !this.opener.contains(target)) this.close();
    };
  }

  toggle(opener, key, actions) {
    const again = this.opener === opener;
    this.close();
    if (again) return;
    this.opener = opener;
    this.element.replaceChildren(...actions.map((action) => this.item(key, action)));
    this.element.showPopover();
    this.place(opener);
    opener.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", this.onOutside, true);
    document.addEventListener("scroll", this.onOutside, true);
    const present = this.element.querySelector('[aria-checked="true"]');
    (present ?? this.element.firstChild).focus();
  }

  item(key, [action, label, { checked = false, note = "" } = {}]) {
    const item = button("dmc-table-menu-item", "");
    item.append(make("span", { className: "dmc-table-menu-label", textContent: label }));
    if (note) item.append(make("span", { className: "dmc-table-menu-note", textContent: note }));
    item.setAttribute("role", this.isChoice ? "menuitemradio" : "menuitem");
    if (this.isChoice) item.setAttribute("aria-checked", String(checked));
    item.tabIndex = -1;
    item.addEventListener("click", () => {
      this.close();
      this.choose(key, action);
    });
    return item;
  }

  place(opener) {
    const { left, right, bottom, top } = opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const below = bottom + 4 + height <= window.innerHeight;
    const start = language.dir === "rtl" ? left : right - width;
    const most = window.innerWidth - width - 8;
    this.element.style.left = `${Math.max(8, Math.min(start, most))}px`;
    this.element.style.top = `${below ? bottom + 4 : Math.max(8, top - 4 - height)}px`;
  }

  close() {
    if (!this.opener) return;
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidePopover();
    this.opener.setAttribute("aria-expanded", "false");
    if (hadFocus) this.opener.focus();
    this.opener = null;
    document.removeEventListener("pointerdown", this.onOutside, true);
    document.removeEventListener("scroll", this.onOutside, true);
  }

  // A letter goes to the next item that begins with it.
  findLetter(items, at, letter) {
    const wanted = letter.toLowerCase();
    const begins = (item) => item.textContent.toLowerCase().startsWith(wanted);
    const after = items.slice(at + 1).find(begins);
    return after ?? items.find(begins);
  }

  onKey(event) {
    const items = [...this.element.children];
    const at = items.indexOf(document.activeElement);
    const isLetter = event.key.length === 1 && /\S/.test(event.key);
    if (isLetter && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.findLetter(items, at, event.key)?.focus();
      event.stopPropagation();
      return event.preventDefault();
    }
    const to = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (to !== undefined) items[to].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else return;
    event.stopPropagation();
    if (event.key !== "Tab") event.preventDefault();
  }
}
