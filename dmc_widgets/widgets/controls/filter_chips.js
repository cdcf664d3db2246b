// Chips with counts: buttons of which one is pressed. Texts are set as text.
function render({ model, el }) {
  el.classList.add("dmc-chips");
  el.setAttribute("role", "group");
  const shown = new Map();
  const choose = (key) => {
    model.set("chosen", key);
    model.save_changes();
  };
  const draw = () => {
    el.setAttribute("aria-label", model.get("label"));
    const chips = model.get("chips");
    const keys = new Set(chips.map(([key]) => key));
    for (const [key, chip] of shown) {
      if (keys.has(key)) continue;
      chip.remove();
      shown.delete(key);
    }
    for (const [key, text, count] of chips) {
      if (!shown.has(key)) {
        shown.set(key, button("dmc-chips-chip", ""));
        shown.get(key).addEventListener("click", () => choose(key));
      }
      const chip = shown.get(key);
      const words = `${text} ${numberText(count)}`;
      if (chip.textContent !== words) chip.textContent = words;
      chip.setAttribute("aria-pressed", String(key === model.get("chosen")));
      if (chip.parentElement !== el) el.append(chip);
    }
  };
  draw();
  model.on("change:chips change:chosen change:label", draw);
  return () => model.off("change:chips change:chosen change:label", draw);
}

export default localized({ render });
