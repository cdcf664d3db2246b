// Collects a file piece by piece while the kernel reads it, and saves it.
function save(name, pieces) {
  const url = URL.createObjectURL(new Blob(pieces, { type: "application/octet-stream" }));
  const link = make("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // not before it is saved
}

// One for each model, shared by all its views: a file must not be saved twice.
class Download extends EventTarget {
  run = "";
  name = "";
  pieces = [];
  loaded = 0;

  constructor(model) {
    super();
    this.model = model;
    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    model.on("change:state", () => {
      if (model.get("state") === "failed") this.end();
    });
  }

  start() {
    if (this.run) return;
    this.run = crypto.randomUUID?.() ?? String(Math.random());
    this.model.send({ kind: "start", run: this.run });
    this.changed();
  }

  cancel() {
    this.model.send({ kind: "cancel", run: this.run });
    this.end();
  }

  receive(content, buffers) {
    if (content.kind === "press") this.start();
    if (content.run !== this.run) return;
    if (content.kind === "open") this.name = content.name;
    if (content.kind === "piece") this.keep(content, buffers[0]);
    if (this.run) this.model.send({ kind: "next", run: this.run });
  }

  keep({ last }, piece) {
    if (!last) {
      this.pieces.push(piece);
      this.loaded += piece.byteLength;
      this.changed();
      return;
    }
    save(this.name, this.pieces);
    this.end();
  }

  end() {
    this.run = "";
    this.pieces = [];
    this.loaded = 0;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function render(download, { model, el }) {
  const button = make("button", { type: "button", className: "dmc-download-button" });
  const detail = make("span", { className: "dmc-download-detail" });
  const cancel = make("button", {
    type: "button",
    className: "dmc-download-cancel",
    textContent: "Cancel",
  });
  const error = make("span", { className: "dmc-download-error" });
  detail.setAttribute("role", "status");
  error.setAttribute("role", "alert");
  el.classList.add("dmc-download");
  el.append(button, detail, cancel, error);

  function draw() {
    const loading = download.run !== "";
    el.dataset.look = model.get("look");
    button.textContent = model.get("label");
    button.disabled = model.get("disabled");
    // Not "disabled" while loading: the button would lose the focus.
    button.setAttribute("aria-busy", String(loading));
    detail.textContent = loading ? `Loading… ${sizeText(download.loaded)}` : "";
    detail.hidden = !loading;
    cancel.hidden = !loading;
    error.textContent = loading ? "" : model.get("error");
    error.hidden = error.textContent === "";
  }

  function onCancel() {
    download.cancel();
    button.focus();
  }

  const traits = "change:look change:label change:disabled change:error";
  button.addEventListener("click", () => download.start());
  cancel.addEventListener("click", onCancel);
  download.addEventListener("change", draw);
  model.on(traits, draw);
  draw();
  return () => {
    download.removeEventListener("change", draw);
    model.off(traits, draw);
  };
}

export default () => {
  let download = null;
  return {
    initialize({ model }) {
      download = new Download(model);
    },
    render(context) {
      return render(download, context);
    },
  };
};
