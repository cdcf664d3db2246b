// A button that opens a menu; the kernel is told which item was chosen.
function render({ model, el }) {
  const menu = new Menu((_opener, key) => model.send({ kind: "choose", key }));
  const opener = button("dmc-menu-opener", "");
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-expanded", "false");
  const open = () => menu.toggle(opener, "", model.get("items"));
  opener.addEventListener("click", open);
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    open();
  });
  el.classList.add("dmc-menu-control");
  el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
  el.append(opener, menu.element);
  const draw = () => {
    opener.textContent = model.get("label");
  };
  draw();
  model.on("change:label", draw);
  return () => {
    menu.close();
    model.off("change:label", draw);
  };
}

export default localized({ render });
