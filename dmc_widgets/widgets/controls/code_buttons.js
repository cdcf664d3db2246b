// Asks the kernel for a text and copies it. Where the browser does not give the
// clipboard to the page, or not so long after the press, the text is selected instead.

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // an insecure page, or one without the permission
  }
}

function render({ model, el }) {
  const status = make("span", { className: "dmc-code-status" });
  const text = make("textarea", { className: "dmc-code-text", readOnly: true });
  const close = button("dmc-code-close", "×", t("Close"));
  const shown = make("div", { className: "dmc-code-shown", hidden: true }, text, close);
  const kinds = [
    ["python", t("Copy as Python")],
    ["command", t("Copy as Command")],
  ];
  const buttons = kinds.map(([kind, label]) => {
    const copy = button("dmc-code-button", label);
    copy.addEventListener("click", () => press(kind, copy));
    return copy;
  });
  let pressed = null; // in this view; another view of the model asks by itself
  let request = Math.floor(Math.random() * 1e9);
  status.setAttribute("role", "status");
  text.setAttribute("spellcheck", "false");
  el.classList.add("dmc-code");
  el.append(make("div", { className: "dmc-code-row" }, ...buttons, status), shown);

  function press(language, copy) {
    pressed = copy;
    request += 1;
    model.send({ kind: "find", request, language });
  }

  async function receive(content) {
    if (content.kind !== "code" || content.request !== request || !pressed) return;
    const code = content.text;
    text.value = code;
    text.rows = Math.min(16, Math.max(2, code.split("\n").length));
    text.setAttribute("aria-label", pressed.textContent);
    shown.hidden = code === "";
    if (code === "") {
      status.textContent = content.reason;
    } else if (await copyText(code)) {
      status.textContent = t("Copied to the clipboard.");
    } else {
      status.textContent = t("Press Ctrl+C to copy the selected text.");
      text.focus();
      text.select();
    }
  }

  function hide() {
    shown.hidden = true;
    status.textContent = "";
    pressed?.focus();
  }

  function onKey(event) {
    if (event.key === "Escape" && !shown.hidden) hide();
  }

  close.addEventListener("click", hide);
  el.addEventListener("keydown", onKey);
  model.on("msg:custom", receive);
  return () => {
    model.off("msg:custom", receive);
    el.removeEventListener("keydown", onKey);
  };
}

export default localized({ render });
