// The steps of a path. Only their texts and marks change, so that the focus stays.
const MARKS = { done: "\u2713", skipped: "\u2013", blocked: "!" };

class StepView {
  constructor(model, key) {
    this.mark = make("span", { className: "dmc-step-mark" });
    this.mark.setAttribute("aria-hidden", "true");
    this.label = make("span", { className: "dmc-step-label" });
    this.word = make("span", { className: "dmc-step-word" });
    this.note = make("span", { className: "dmc-step-note", dir: "auto" });
    const text = make("span", { className: "dmc-step-text" }, this.label, this.word, this.note);
    this.button = make("button", { type: "button", className: "dmc-step-button" });
    this.button.append(this.mark, text);
    this.button.addEventListener("click", () => model.send({ kind: "go", key }));
    this.element = make("li", { className: "dmc-step" }, this.button);
  }

  draw(step, number) {
    this.element.dataset.status = step.status;
    this.mark.textContent = MARKS[step.status] ?? String(number);
    this.label.textContent = step.label;
    this.word.textContent = step.word;
    this.note.textContent = step.note;
    this.note.title = step.note;
    this.note.hidden = !step.note;
    // The status is in the word; a note takes its place where all is well.
    this.word.classList.toggle("dmc-step-unseen", Boolean(step.note) && step.status === "done");
    this.button.disabled = !step.reachable && !step.current;
    if (step.current) this.button.setAttribute("aria-current", "step");
    else this.button.removeAttribute("aria-current");
  }
}

// The last button of the bar in view is the one that leads on.
function focusActions(el) {
  const bars = [...(el.closest(".dmc-page") ?? document).querySelectorAll(".dmc-path-footer")];
  const bar = bars.find((one) => one.getClientRects().length > 0);
  const buttons = bar?.querySelectorAll("button:not(:disabled)") ?? [];
  [...buttons].filter((one) => one.getClientRects().length > 0).at(-1)?.focus();
}

function render({ model, el }) {
  el.classList.add("dmc-stepper");
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  const views = new Map();
  const list = make("ol", { className: "dmc-steps" });
  const nav = make("nav", {}, list);
  const items = make("ul", {});
  const purpose = model.get("purpose") || t("Before the changes can be shown:");
  const title = make("p", { textContent: purpose });
  const missing = make("div", { className: "dmc-blockers" }, title, items);
  missing.setAttribute("role", "status");
  const skip = button("dmc-step-skip", t("Skip to the step's actions"));
  skip.addEventListener("click", () => focusActions(el));
  el.append(nav, skip, missing);

  const drawSteps = () => {
    const steps = model.get("steps");
    nav.setAttribute("aria-label", model.get("label"));
    if (steps.map((step) => step.key).join() !== [...views.keys()].join()) {
      views.clear();
      for (const { key } of steps) views.set(key, new StepView(model, key));
      list.replaceChildren(...[...views.values()].map((view) => view.element));
    }
    steps.forEach((step, place) => views.get(step.key).draw(step, place + 1));
  };
  const drawBlockers = () => {
    const blockers = model.get("blockers");
    const lines = blockers.map((text, number) => {
      const link = button("dmc-blocker", text);
      link.addEventListener("click", () => model.send({ kind: "lead", number }));
      return make("li", {}, link);
    });
    items.replaceChildren(...lines);
    missing.hidden = !model.get("shows_blockers") || !blockers.length;
  };
  const focusCurrent = () => {
    drawSteps(); // the step in view may have changed since
    const current = list.querySelector('[aria-current="step"]');
    current?.focus({ preventScroll: true });
    // What was scrolled to the foot of a long step begins at the head of the next.
    if (el.getBoundingClientRect().top < 0) el.scrollIntoView({ block: "start" });
  };
  // A message may overtake the state that was sent before it.
  const focus = ({ kind }) => kind === "focus" && setTimeout(focusCurrent);
  drawSteps();
  drawBlockers();
  model.on("change:steps change:label", drawSteps);
  model.on("change:blockers change:shows_blockers", drawBlockers);
  model.on("msg:custom", focus);
  return () => {
    model.off("change:steps change:label", drawSteps);
    model.off("change:blockers change:shows_blockers", drawBlockers);
    model.off("msg:custom", focus);
  };
}

export default localized({ render });
