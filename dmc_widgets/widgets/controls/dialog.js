// Shows the box that contains this element above the page, and keeps the keyboard in it:
// Tab cycles, Escape cancels, and the focus returns to where it was. In the browser's top
// layer no part of a notebook can cover or clip the box.
const STOPS =
  "button:enabled, input:enabled, select:enabled, textarea:enabled, a[href], [tabindex='0']";

function stops(root) {
  return [...root.querySelectorAll(STOPS)].filter((each) => each.checkVisibility());
}

function render({ model, el }) {
  let root = null;
  let opener = null;

  function onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      model.send({ kind: "escape" });
    }
    if (event.key !== "Tab") return;
    const all = stops(root);
    const last = event.shiftKey ? all[0] : all[all.length - 1];
    if (document.activeElement !== last && root.contains(document.activeElement)) return;
    event.preventDefault();
    all[event.shiftKey ? all.length - 1 : 0]?.focus();
  }

  function show() {
    opener = document.activeElement;
    root.showPopover();
    root.scrollTop = 0;
    stops(root)[0]?.focus();
  }

  function hide() {
    root.hidePopover();
    if (opener?.isConnected) opener.focus();
    opener = null;
  }

  function draw() {
    root ??= el.closest(".dmc-dialog");
    if (!root) return;
    if (!root.popover) {
      root.popover = "manual";
      root.setAttribute("role", "dialog");
      root.setAttribute("aria-modal", "true");
      root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
      root.addEventListener("keydown", onKey);
    }
    root.setAttribute("aria-label", model.get("label"));
    const open = root.matches(":popover-open");
    if (model.get("is_open") !== open) (open ? hide : show)();
  }

  model.on("change:is_open change:label", draw);
  requestAnimationFrame(draw); // by then the box is part of the page
  return () => model.off("change:is_open change:label", draw);
}

export default localized({ render });
