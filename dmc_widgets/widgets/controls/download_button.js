// Downloads by an address of the server, or piece by piece while the kernel reads.
const AGAIN_MS = 15_000;
const SAVING_MS = 6_000;

// One for each model, shared by all its views: a file must not be saved twice.
class Download extends EventTarget {
  run = "";
  text = "";
  failure = "";
  loaded = 0;
  size = 0;
  number = 0;
  target = null;
  fetching = null;
  timer = 0;

  constructor(model) {
    super();
    this.model = model;
    this.tail = Promise.resolve();
    model.on("msg:custom", (content, buffers) => {
      // In turn: to write a piece to the disk takes time.
      this.tail = this.tail.then(() => this.receive(content, buffers), () => this.end());
    });
    model.on("change:state", () => {
      if (model.get("state") === "failed") this.end();
    });
  }

  start() {
    if (this.run) return;
    this.run = crypto.randomUUID?.() ?? String(Math.random());
    this.failure = "";
    this.say({ kind: "start" });
    this.changed();
  }

  cancel() {
    this.say({ kind: "cancel" });
    this.end();
  }

  say(message) {
    try {
      this.model.send({ ...message, run: this.run });
    } catch {
      // There is no connection: a piece is asked for again later.
    }
  }

  async receive(content, buffers) {
    if (content.kind === "press") this.start();
    if (content.run !== this.run || this.run === "") return;
    if (content.kind === "link") await this.follow(content);
    if (content.kind === "made") this.show(content.loaded);
    if (content.kind === "open") await this.open(content);
    if (content.kind === "piece") await this.keep(content, buffers[0]);
  }

  // A large file is fetched by the page where the browser lets it write to the disk,
  // because the page goes on after a cut by itself. Elsewhere the browser saves it.
  async follow({ url, name, size }) {
    const { run } = this;
    this.size = size;
    const target = await openTarget(name, size);
    if (this.run !== run || target === null) return this.cancel();
    if (!(target instanceof DiskFile)) {
      followLink(url, name);
      return this.endWith(t("The browser saves {name} ({size}).", { name, size: sizeText(size) }));
    }
    this.fetching = new Fetching(url, target, size, ({ loaded }) => this.show(loaded));
    this.fetching
      .run()
      .then((isThere) => {
        if (this.run !== run) return;
        if (!isThere) return this.fail(t("The file is not there any more. Download it again."));
        this.fetching = null;
        this.endWith(t("{name} is saved ({size}).", { name, size: sizeText(size) }));
      })
      .catch(() => {
        if (this.run === run) this.fail(t("The file could not be written to the disk."));
      });
  }

  fail(reason) {
    this.end();
    this.failure = reason;
    this.changed();
  }

  endWith(text) {
    this.end();
    this.text = text;
    this.changed();
    setTimeout(() => {
      if (this.text !== text) return;
      this.text = "";
      this.changed();
    }, SAVING_MS);
  }

  async open({ name, size }) {
    const { run } = this;
    this.size = size ?? 0;
    const target = await openTarget(name, size);
    if (this.run !== run) target?.abort();
    else if (target === null) this.cancel();
    else {
      this.target = target;
      this.ask();
    }
  }

  async keep({ last, number }, piece) {
    const { target, run } = this;
    if (target === null || number !== this.number) return; // it came twice
    if (!last) {
      await target.add(piece);
      if (this.run !== run) return;
      this.number += 1;
      this.show(this.loaded + piece.byteLength);
      this.ask();
      return;
    }
    this.target = null;
    this.end();
    await target.finish();
  }

  // An answer may be lost with the connection: ask for the same piece again.
  ask() {
    clearInterval(this.timer);
    const ask = () => this.say({ kind: "next", number: this.number });
    this.timer = setInterval(ask, AGAIN_MS);
    ask();
  }

  show(loaded) {
    this.loaded = loaded;
    this.changed();
  }

  end() {
    clearInterval(this.timer);
    this.target?.abort().catch(() => {});
    this.target = null;
    this.fetching?.cancel();
    this.fetching = null;
    this.run = "";
    this.loaded = 0;
    this.number = 0;
    this.size = 0;
    this.changed();
  }

  detail() {
    if (!this.run) return this.text;
    const sizes = { loaded: sizeText(this.loaded), size: sizeText(this.size) };
    if (this.fetching?.isWaiting) {
      return t("{loaded} of {size} · The connection is lost. Trying again…", sizes);
    }
    return this.size ? t("{loaded} of {size}", sizes) : t("Loading… {loaded}", sizes);
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
    textContent: t("Cancel"),
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
    detail.textContent = download.detail();
    detail.hidden = detail.textContent === "";
    cancel.hidden = !loading;
    error.textContent = loading ? "" : download.failure || model.get("error");
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
  return localized({
    initialize({ model }) {
      download = new Download(model);
    },
    render(context) {
      return render(download, context);
    },
  });
};
