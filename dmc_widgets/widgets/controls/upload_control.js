// Uploads one file in pieces. The next piece is sent when the kernel has acknowledged the
// last one, so neither side holds more than one piece.
const PIECE_BYTES = 2 * 1024 * 1024; // a message of over 10 MiB ends the connection

function timeText(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s left`;
  return `${Math.ceil(seconds / 60)} min left`;
}

function build(el) {
  // Each widget has a module of its own, so a counter would give all the same one.
  const id = `dmc-upload-${crypto.randomUUID?.() ?? Math.random()}`;
  const parts = {
    label: make("label", { className: "dmc-upload-label", htmlFor: id }),
    input: make("input", { type: "file", id, className: "dmc-upload-input" }),
    choose: make("label", {
      className: "dmc-upload-choose",
      htmlFor: id,
      textContent: "Choose File",
    }),
    hint: make("span", { className: "dmc-upload-hint", id: `${id}-hint` }),
    name: make("span", { className: "dmc-upload-name" }),
    detail: make("span", { className: "dmc-upload-detail" }),
    progress: make("progress", { className: "dmc-upload-progress", max: 1, value: 0 }),
    stop: make("button", { type: "button", className: "dmc-upload-stop" }),
    error: make("p", { className: "dmc-upload-error", role: "alert" }),
    status: make("span", { className: "dmc-visually-hidden", role: "status" }),
  };
  parts.drop = make(
    "div",
    { className: "dmc-upload-drop" },
    parts.input,
    parts.choose,
    make("span", { className: "dmc-upload-or", textContent: "or drop it here" }),
    parts.hint,
  );
  parts.file = make(
    "div",
    { className: "dmc-upload-file" },
    make("div", { className: "dmc-upload-line" }, parts.name, parts.detail, parts.stop),
    parts.progress,
  );
  parts.choose.setAttribute("aria-hidden", "true"); // the input itself is the control
  parts.input.setAttribute("aria-describedby", parts.hint.id);
  parts.error.setAttribute("role", "alert");
  parts.status.setAttribute("role", "status");
  el.classList.add("dmc-upload");
  el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
  el.append(parts.label, parts.drop, parts.file, parts.error, parts.status);
  return parts;
}

// The state of a running upload, which the kernel ends.
class Run {
  constructor(model, file) {
    this.id = crypto.randomUUID?.() ?? String(Math.random());
    this.model = model;
    this.file = file;
    this.sent = 0;
    this.began = performance.now();
    this.over = false;
    const { name, size } = file;
    model.send({ kind: "begin", run: this.id, name, size });
  }

  async send(offset) {
    this.sent = offset;
    if (offset >= this.file.size) return;
    const piece = this.file.slice(offset, offset + PIECE_BYTES);
    const data = await piece.arrayBuffer();
    if (this.over) return;
    const { id: run } = this;
    this.model.send({ kind: "piece", run, offset }, undefined, [data]);
  }

  cancel() {
    this.over = true;
    this.model.send({ kind: "cancel", run: this.id });
  }

  giveUp() {
    this.over = true;
    this.model.send({ kind: "unreadable", run: this.id });
  }

  detail() {
    const { size } = this.file;
    if (this.sent >= size) return `${sizeText(size)} · Reading the file…`;
    const text = `${sizeText(this.sent)} of ${sizeText(size)}`;
    const seconds = (performance.now() - this.began) / 1000;
    if (this.sent === 0 || seconds < 0.5) return text;
    const rate = this.sent / seconds;
    return `${text} · ${sizeText(rate)}/s · ${timeText((size - this.sent) / rate)}`;
  }
}

function render({ model, el }) {
  const parts = build(el);
  let run = null;

  function begin(file) {
    if (!file || model.get("disabled") || model.get("state") === "sending") return;
    run = new Run(model, file);
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
    parts.stop.textContent = sending ? "Cancel" : "Clear";
    drawProgress();
  }

  function drawProgress() {
    const size = model.get("size");
    const sending = model.get("state") === "sending";
    const name = model.get("file_name");
    parts.detail.textContent = sending && run ? run.detail() : sizeText(size);
    parts.progress.value = run && size ? run.sent / size : 0;
    parts.progress.setAttribute("aria-label", `Uploading ${name}`);
    parts.stop.setAttribute("aria-label", `${sending ? "Cancel" : "Clear"} ${name}`);
  }

  function onState() {
    const state = model.get("state");
    const hadFocus = parts.stop.matches(":focus") || parts.input.matches(":focus");
    if (state !== "sending" && run) {
      run.over = true;
      run = null;
    }
    draw();
    const name = model.get("file_name");
    if (state === "sending") parts.status.textContent = `Uploading ${name}`;
    else parts.status.textContent = state === "done" ? `${name} has been uploaded` : "";
    // The focused element may have been removed: keep the focus in the control.
    if (hadFocus) (state === "idle" ? parts.input : parts.stop).focus();
  }

  function onMessage(content) {
    if (content.kind !== "ack" || content.run !== run?.id) return;
    // The file may be changed or removed while it is being read.
    run.send(content.offset).catch(() => run?.giveUp());
    drawProgress();
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

export default { render };
