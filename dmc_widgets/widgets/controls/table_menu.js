// The menu of a table, in the browser's top layer, where nothing can clip it.
class Menu {
  constructor(choose) {
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
    this.element.firstChild.focus();
  }

  item(key, [action, label]) {
    const item = button("dmc-table-menu-item", label);
    item.setAttribute("role", "menuitem");
    item.tabIndex = -1;
    item.addEventListener("click", () => {
      this.close();
      this.choose(key, action);
    });
    return item;
  }

  place(opener) {
    const { right, bottom, top } = opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const below = bottom + 4 + height <= window.innerHeight;
    this.element.style.left = `${Math.max(8, right - width)}px`;
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

  onKey(event) {
    const items = [...this.element.children];
    const at = items.indexOf(document.activeElement);
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
