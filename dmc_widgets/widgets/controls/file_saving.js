// Saves a file: from an address, from pieces, or piece by piece to the disk.
const LARGE_BYTES = 50 * 1000 * 1000; // of less, the memory of the page is not short

function followLink(href, name) {
  const link = make("a", { href, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

function saveBlob(name, pieces) {
  const url = URL.createObjectURL(new Blob(pieces, { type: "application/octet-stream" }));
  followLink(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // not before it is saved
}

// Pieces in the memory of the page, until the file is complete.
class Pieces {
  constructor(name) {
    this.name = name;
    this.pieces = [];
  }

  async add(piece) {
    this.pieces.push(piece);
  }

  async finish() {
    saveBlob(this.name, this.pieces);
  }

  async abort() {
    this.pieces = [];
  }
}

// A file that the person has chosen, where the browser has such a dialog.
class DiskFile {
  constructor(stream) {
    this.stream = stream;
  }

  async add(piece) {
    await this.stream.write(piece);
  }

  async restart() {
    await this.stream.seek(0);
    await this.stream.truncate(0);
  }

  async finish() {
    await this.stream.close();
  }

  async abort() {
    await this.stream.abort();
  }
}

// Returns where the pieces go; null if the person closed the dialog.
async function openTarget(name, size) {
  if (!(size >= LARGE_BYTES) || !window.showSaveFilePicker) return new Pieces(name);
  try {
    const handle = await window.showSaveFilePicker({ suggestedName: name });
    return new DiskFile(await handle.createWritable());
  } catch (error) {
    return error.name === "AbortError" ? null : new Pieces(name);
  }
}

// Fetches a large file of the server into a file on the disk, and goes on after a cut.
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 10_000];

const READ_BYTES = 1024 * 1024;

// Reads into one buffer again and again, where the browser can: else each piece is one
// more to collect.
function openReader(body) {
  let reader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    reader = body.getReader();
    return () => reader.read();
  }
  let buffer = new ArrayBuffer(READ_BYTES);
  return async () => {
    const result = await reader.read(new Uint8Array(buffer));
    if (result.value) ({ buffer } = result.value);
    return result;
  };
}

class Fetching {
  constructor(url, target, size, changed) {
    this.url = url;
    this.target = target;
    this.size = size;
    this.changed = changed;
    this.loaded = 0;
    this.isWaiting = false;
    this.tag = "";
    this.abort = new AbortController();
  }

  // Returns true once the file is complete; false if the server has it no more.
  async run() {
    for (let tries = 0; !this.abort.signal.aborted; tries += 1) {
      const before = this.loaded;
      try {
        if (!(await this.fetchRest())) return false;
        if (this.loaded >= this.size) {
          await this.target.finish();
          return true;
        }
      } catch (error) {
        if (this.abort.signal.aborted) break;
        if (!(error instanceof TypeError || error.name === "NetworkError")) throw error;
      }
      if (this.loaded > before) tries = 0;
      this.show(true);
      const pause = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return true;
  }

  async fetchRest() {
    const headers = this.loaded
      ? { Range: `bytes=${this.loaded}-`, "If-Range": this.tag }
      : {};
    const { signal } = this.abort;
    const response = await fetch(this.url, { headers, signal, cache: "no-store" });
    if (response.status >= 500) throw new TypeError(t("The server does not answer."));
    if (!response.ok) return false;
    if (this.loaded && response.status === 200) {
      await this.target.restart(); // it is another file by now
      this.loaded = 0;
    }
    this.tag = response.headers.get("ETag") ?? "";
    const read = openReader(response.body);
    for (;;) {
      const { done, value } = await read();
      if (done) return true;
      await this.target.add(value);
      this.loaded += value.byteLength;
      this.show(false);
    }
  }

  show(isWaiting) {
    this.isWaiting = isWaiting;
    this.changed(this);
  }

  cancel() {
    this.abort.abort();
    this.target.abort().catch(() => {});
  }
}
