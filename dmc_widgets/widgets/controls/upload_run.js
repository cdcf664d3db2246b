// Sends one file in pieces, by the route of the server or by messages to the kernel, and
// goes on at the acknowledged offset after a cut.
const MESSAGE_BYTES = 2 * 1024 * 1024; // a message of over 10 MiB ends the connection
const PIECE_BYTES = 8 * 1024 * 1024; // of the route; a proxy may allow less
const LEAST_PIECE_BYTES = 256 * 1024;
const TICK_MS = 1_000;
const SILENT_TICKS = 20; // no sign of life: ask again
const PATIENCE_TICKS = 600; // then it waits for the person

// Ticks are counted, not seconds: a computer that slept has not waited.
class Run {
  constructor(model, file, changed) {
    this.id = crypto.randomUUID?.() ?? String(Math.random());
    this.model = model;
    this.file = file;
    this.changed = changed;
    this.phase = "sending"; // or "waiting" for the connection, or "paused"
    this.sent = 0; // acknowledged
    this.shown = 0; // on its way, for the progress
    this.url = "";
    this.piece = PIECE_BYTES;
    this.request = null;
    this.turn = 0; // the latest answer that is being followed
    this.sending = -1; // the offset of the message on its way
    this.failed = -1; // the offset at which the last piece failed
    this.over = false;
    this.cancelled = false;
    this.silent = 0;
    this.waited = 0;
    this.began = performance.now();
    this.fresh = 0; // bytes before this connection, for the rate
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.online = () => this.retry();
    addEventListener("online", this.online);
    this.begin();
  }

  begin() {
    const { name, size, lastModified } = this.file;
    this.say({ kind: "begin", name, size, modified: lastModified });
  }

  say(message, buffers) {
    try {
      this.model.send({ ...message, run: this.id }, undefined, buffers);
    } catch {
      // There is no connection: the clock asks again.
    }
  }

  tick() {
    if (this.over || this.phase === "paused") return;
    this.silent += 1;
    if (this.phase === "waiting") {
      this.waited += 1;
      if (this.waited >= PATIENCE_TICKS) this.show("paused");
      else if (this.silent >= Math.min(10, 1 + this.waited / 4)) this.ask();
    } else if (this.silent >= SILENT_TICKS && this.sent < this.file.size) {
      this.lose();
    } else if (this.silent >= SILENT_TICKS) {
      this.ask(); // the last word of the kernel may have been lost
    }
  }

  // The person, or the browser that has a network again, does not want to wait.
  retry() {
    if (this.over || this.phase === "sending") return;
    this.waited = 0;
    this.show("waiting");
    this.ask();
  }

  lose() {
    this.turn += 1;
    this.drop();
    if (this.over) return;
    // Where the same piece fails again, a smaller one may pass.
    if (this.failed === this.sent) this.shrink();
    this.failed = this.sent;
    this.shown = this.sent;
    if (this.phase === "sending") {
      this.waited = 0;
      this.silent = 0;
      this.show("waiting");
    }
  }

  // The kernel answers with the offset that was reached, and the way to go on.
  ask() {
    this.silent = 0;
    this.sending = -1;
    this.drop();
    if (this.cancelled) this.say({ kind: "cancel" });
    else if (this.sent === 0 && !this.answered) this.begin();
    else if (this.url && this.sent < this.file.size) this.askRoute();
    else this.say({ kind: "resume" });
  }

  async askRoute() {
    const offset = await this.send("HEAD", null);
    if (offset === null || this.over) return;
    if (offset < 0) this.say({ kind: "resume" }); // the address is void by now
    else this.follow(this.url, offset);
  }

  shrink() {
    this.piece = Math.max(LEAST_PIECE_BYTES, this.piece / 2);
  }

  show(phase) {
    this.phase = phase;
    this.changed();
  }

  onMessage(content) {
    if (content.run !== this.id || this.over) return;
    this.answered = true;
    if (content.kind === "route") this.follow(content.url, content.offset);
    // Questions that waited for the connection are all answered: follow one of them.
    const isNews = this.phase !== "sending" || content.offset > this.sending;
    if (content.kind === "ack" && isNews) this.follow("", content.offset);
    if (content.kind === "gone") this.end();
  }

  follow(url, offset) {
    this.turn += 1;
    this.drop();
    this.url = url;
    this.sent = offset;
    this.shown = offset;
    this.silent = 0;
    if (this.phase !== "sending" || this.fresh === 0) {
      this.fresh = offset;
      this.began = performance.now();
    }
    this.show("sending");
    const next = url ? this.sendPiece() : this.sendMessage();
    // The file may be changed or removed while it is being read.
    next.catch(() => this.giveUp("unreadable"));
  }

  async sendMessage() {
    const offset = this.sent;
    this.sending = offset;
    if (offset >= this.file.size) return;
    const data = await this.file.slice(offset, offset + MESSAGE_BYTES).arrayBuffer();
    if (!this.over && this.sent === offset) this.say({ kind: "piece", offset }, [data]);
  }

  async sendPiece() {
    const { turn } = this;
    while (!this.over && this.sent < this.file.size) {
      const blob = this.file.slice(this.sent, this.sent + this.piece);
      const offset = await this.send("PATCH", blob);
      if (this.over || turn !== this.turn) return;
      if (offset === null) {
        await this.file.slice(this.sent, this.sent + 1).arrayBuffer(); // still there?
        if (turn === this.turn) this.lose();
        return;
      }
      if (offset < 0) {
        this.lose();
        return;
      }
      this.sent = offset;
      this.shown = offset;
      this.silent = 0;
      this.changed();
    }
    if (!this.over) this.say({ kind: "sent" });
  }

  // Returns the offset that the server states; -1 if it refused; null if it was not
  // reached.
  send(method, body) {
    const request = new XMLHttpRequest();
    this.drop();
    this.request = request;
    return new Promise((resolve) => {
      const end = (value) => {
        if (this.request === request) this.request = null;
        resolve(value);
      };
      request.open(method, this.url);
      request.setRequestHeader("Upload-Offset", String(this.sent));
      request.upload.onprogress = (event) => {
        this.silent = 0;
        this.shown = this.sent + Math.min(event.loaded, body?.size ?? 0);
        this.changed();
      };
      request.onload = () => end(this.read(request));
      request.onerror = () => end(null);
      request.onabort = () => end(null);
      request.send(body);
    });
  }

  read(request) {
    const { status } = request;
    if (status === 413 && this.piece > LEAST_PIECE_BYTES) {
      this.shrink(); // a proxy allows no larger ones
      return this.sent;
    }
    if (status === 507) this.giveUp("no-room");
    else if (status === 413 || status === 400) this.giveUp("refused");
    const offset = request.getResponseHeader("Upload-Offset");
    if ([200, 204, 409].includes(status) && offset !== null) return Number(offset);
    return status >= 500 ? null : -1;
  }

  cancel() {
    this.cancelled = true;
    this.drop();
    this.say({ kind: "cancel" });
    if (this.phase !== "sending") this.retry();
    else this.show("waiting"); // until the kernel has heard it
  }

  giveUp(kind) {
    this.say({ kind });
  }

  drop() {
    const { request } = this;
    this.request = null;
    request?.abort();
  }

  end() {
    this.over = true;
    this.drop();
    clearInterval(this.timer);
    removeEventListener("online", this.online);
  }

  detail() {
    const { size } = this.file;
    if (this.phase !== "sending" && !this.cancelled) {
      return t("{loaded} of {size}", { loaded: sizeText(this.sent), size: sizeText(size) });
    }
    if (this.cancelled) return t("Cancelling…");
    if (this.sent >= size) return t("{size} · Reading the file…", { size: sizeText(size) });
    const sizes = { loaded: sizeText(this.shown), size: sizeText(size) };
    const text = t("{loaded} of {size}", sizes);
    const seconds = (performance.now() - this.began) / 1000;
    if (this.shown <= this.fresh || seconds < 0.5) return text;
    const rate = (this.shown - this.fresh) / seconds;
    return `${text} · ${sizeText(rate)}/s · ${timeText((size - this.shown) / rate)}`;
  }

  // What the person should know of the connection; empty while it works.
  notice() {
    if (this.cancelled || this.phase === "sending") return "";
    if (this.phase === "paused") {
      return t("The connection is lost. The upload can be continued where it stopped.");
    }
    return t("The connection is lost. The upload goes on as soon as it is back.");
  }
}

function timeText(seconds) {
  if (seconds < 60) return t("{count} s left", { count: Math.max(1, Math.ceil(seconds)) });
  return t("{count} min left", { count: Math.ceil(seconds / 60) });
}
