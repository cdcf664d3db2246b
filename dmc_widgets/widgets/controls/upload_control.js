// The control that chooses a file and shows how far its upload is.
function build(el) {
  // Each widget has a module of its own, so a counter would give all the same one.
  const id = `dmc-upload-${crypto.randomUUID?.() ?? Math.random()}`;
  const parts = {
    label: make("label", { className: "dmc-upload-label", htmlFor: id }),
    input: make("input", { type: "file", id, className: "dmc-upload-input" }),
    choose: make("label", {
      className: "dmc-upload-choose",
      htmlFor: id,
      textContent: t("Choose File"),
    }),
    hint: make("span", { className: "dmc-upload-hint", id: `${id}-hint` }),
    name: make("span", { className: "dmc-upload-name" }),
    detail: make("span", { className: "dmc-upload-detail" }),
    progress: make("progress", { className: "dmc-upload-progress", max: 1, value: 0 }),
    notice: make("p", { className: "dmc-upload-notice" }),
    more: button("dmc-control-button dmc-upload-continue", t("Continue")),
    stop: make("button", { type: "button", className: "dmc-control-button" }),
    error: make("p", { className: "dmc-upload-error", role: "alert" }),
    status: make("span", { className: "dmc-visually-hidden", role: "status" }),
  };
  parts.drop = make(
    "div",
    { className: "dmc-upload-drop" },
    parts.input,
    parts.choose,
    make("span", { className: "dmc-upload-or", textContent: t("or drop it here") }),
    parts.hint,
  );
  parts.file = make(
    "div",
    { className: "dmc-upload-file" },
    make(
      "div",
      { className: "dmc-upload-line" },
      parts.name,
      parts.detail,
      make("span", { className: "dmc-upload-buttons" }, parts.more, parts.stop),
    ),
    parts.progress,
    parts.notice,
  );
  parts.choose.setAttribute("aria-hidden", "true"); // the input itself is the control
  parts.input.setAttribute("aria-describedby", parts.hint.id);
  parts.error.setAttribute("role", "alert");
  parts.notice.setAttribute("role", "status");
  parts.status.setAttribute("role", "status");
  el.classList.add("dmc-upload");
  el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
  el.append(parts.label, parts.drop, parts.file, parts.error, parts.status);
  return parts;
}

function render({ model, el }) {
  const parts = build(el);
  let run = null;

  function begin(file) {
    if (!file || model.get("disabled") || model.get("state") === "sending") return;
    run?.end();
    run = new Run(model, file, drawProgress);
    draw();
  }

  function draw() {
    const state = model.get("state");
    const sending = state === "sending";
    const disabled = model.get("disabled");
    parts.label.textContent = model.get("label");
    parts.hint.textContent = model.get("accept").join(", ");
    parts.input.accept = model.get("accept").join(",");
    parts.input.disabled = disabled || sending;
    el.classList.toggle("dmc-upload-disabled", disabled);
    el.dataset.state = state;
    parts.drop.hidden = sending || state === "done";
    parts.file.hidden = state === "idle";
    parts.progress.hidden = !sending;
    parts.name.textContent = model.get("file_name");
    parts.error.textContent = model.get("error");
    parts.error.hidden = !model.get("error");
    parts.stop.textContent = sending ? t("Cancel") : t("Clear");
    drawProgress();
  }

  function drawProgress() {
    const size = model.get("size");
    const sending = model.get("state") === "sending";
    const name = model.get("file_name");
    parts.detail.textContent = sending && run ? run.detail() : sizeText(size);
    parts.progress.value = run && size ? run.shown / size : 0;
    const notice = (sending && run?.notice()) || "";
    if (parts.notice.textContent !== notice) parts.notice.textContent = notice;
    parts.notice.hidden = notice === "";
    if (notice === "" && parts.more.matches(":focus")) parts.stop.focus();
    parts.more.hidden = notice === "";
    parts.more.setAttribute("aria-label", t("Continue {name}", { name }));
    parts.progress.setAttribute("aria-label", t("Uploading {name}", { name }));
    parts.stop.setAttribute("aria-label", sending ? t("Cancel {name}", { name }) : t("Clear {name}", { name }));
  }

  function onState() {
    const state = model.get("state");
    const hadFocus = parts.stop.matches(":focus") || parts.input.matches(":focus");
    if (state !== "sending" && run) {
      run.end();
      run = null;
    }
    draw();
    const name = model.get("file_name");
    if (state === "sending") parts.status.textContent = t("Uploading {name}", { name });
    else parts.status.textContent = state === "done" ? t("{name} has been uploaded", { name }) : "";
    // The focused element may have been removed: keep the focus in the control.
    if (hadFocus) (state === "idle" ? parts.input : parts.stop).focus();
  }

  function onMessage(content) {
    run?.onMessage(content);
    if (run?.over && model.get("state") !== "sending") run = null;
    draw();
  }

  parts.input.addEventListener("change", () => {
    const [file] = parts.input.files;
    begin(file);
    parts.input.value = ""; // so that the same file can be chosen again
  });
  parts.stop.addEventListener("click", () => {
    if (model.get("state") !== "sending") model.send({ kind: "clear" });
    else if (run) run.cancel();
  });
  parts.more.addEventListener("click", () => run?.retry());
  listenForDrops(parts.drop, begin);
  const onChange = () => draw();
  model.on("change:state", onState);
  model.on("change:error change:file_name change:size", onChange);
  model.on("change:disabled change:label change:accept", onChange);
  model.on("msg:custom", onMessage);
  draw();
  return () => {
    model.off("change:state", onState);
    model.off("change:error change:file_name change:size", onChange);
    model.off("change:disabled change:label change:accept", onChange);
    model.off("msg:custom", onMessage);
  };
}

function listenForDrops(drop, begin) {
  const over = (event) => {
    event.preventDefault();
    drop.classList.add("dmc-upload-over");
  };
  drop.addEventListener("dragenter", over);
  drop.addEventListener("dragover", over);
  drop.addEventListener("dragleave", () => drop.classList.remove("dmc-upload-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    drop.classList.remove("dmc-upload-over");
    begin(event.dataTransfer.files[0]);
  });
}

export default localized({ render });
