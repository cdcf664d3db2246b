// Knows at once when the socket of the kernel closes, by the kernel connection that the
// widget manager holds; pings find a kernel that hangs. Unanswered pings are counted, not
// seconds: a computer that slept, or a tab in the background, would look like a lost one.
const INTERVAL_MS = 5_000;
const UNANSWERED = 4; // a kernel may be busy for a while
const GRACE_MS = 1_000; // a socket that is back at once is not worth a word
const RETRY_MS = 2_000;
const LOST_AT = "dmc-lost-at";
const ENDED = ["dead", "restarting", "autorestarting"];

function render({ model, el }) {
  const kernel = model.widget_manager?.kernel;
  const isOwnPage = document.body.dataset.voila === "voila";
  const reload = button("dmc-heartbeat-reload", t("Reload"));
  const texts = {
    lost: t("The connection is lost. The page comes back by itself as soon as it can."),
    silent: t("The dashboard does not answer. Reload the page if that lasts."),
    foreign: t("The server was started anew. Open the address that dmc serve printed."),
  };
  const text = make("span");
  const banner = make("div", { className: "dmc-heartbeat" }, text, reload);
  banner.setAttribute("role", "alert");
  reload.addEventListener("click", () => window.location.reload());
  let unanswered = 0;
  let state = "";
  let retry = null;
  let isEnded = false; // the kernel, and with it the state of the page

  function show(next) {
    if (next === state) return;
    state = next;
    text.textContent = texts[next] ?? "";
    el.replaceChildren(...(next ? [banner] : []));
  }

  function onMessage(content) {
    if (content.kind !== "pong") return;
    unanswered = 0;
    if (state) cameBack();
    tellOfAbsence();
  }

  function cameBack() {
    clearTimeout(retry);
    retry = null;
    show("");
  }

  // The kernel says what happened meanwhile, also after the page was loaded again. It
  // has answered before, so that the page is at its address: going there clears what
  // an earlier action has said.
  function tellOfAbsence() {
    const since = Number(stored(LOST_AT));
    store(LOST_AT, null);
    if (since > 0) send({ kind: "back", since: since / 1000 });
  }

  function onConnection(_, status) {
    if (status === "connected") send({ kind: "ping" });
    else if (retry === null) retry = setTimeout(lose, GRACE_MS);
  }

  function onStatus(_, status) {
    if (!ENDED.includes(status)) return;
    isEnded = true;
    clearTimeout(retry);
    lose();
  }

  function lose() {
    if (kernel?.connectionStatus === "connected" && !isEnded) {
      retry = null;
      return;
    }
    if (!stored(LOST_AT)) store(LOST_AT, Date.now());
    show("lost");
    lookForServer();
  }

  // A server that is back has another kernel, and the page starts anew at its address.
  async function lookForServer() {
    let status = 0;
    try {
      const url = `${baseUrl()}api/kernels/${kernel?.id}`;
      status = (await fetch(url, { cache: "no-store" })).status;
    } catch {
      // It is not back yet.
    }
    if (state !== "lost") return;
    if (status === 403) show("foreign");
    else if (status === 404 || (status === 200 && isEnded)) {
      if (isOwnPage) location.reload();
    } else if (status === 200) kernel.reconnect?.().catch(() => {});
    if (state === "lost") retry = setTimeout(lookForServer, RETRY_MS);
  }

  function ask() {
    unanswered += 1;
    if (unanswered > UNANSWERED && !state) show("silent");
    send({ kind: "ping" });
  }

  function send(message) {
    try {
      model.send(message);
    } catch {
      // Sending fails once the kernel has ended: it counts as unanswered, too.
    }
  }

  model.on("msg:custom", onMessage);
  kernel?.connectionStatusChanged?.connect(onConnection);
  kernel?.statusChanged?.connect(onStatus);
  const timer = setInterval(ask, INTERVAL_MS);
  send({ kind: "ping" }); // so that the server knows, too, that the page is up
  return () => {
    clearInterval(timer);
    clearTimeout(retry);
    kernel?.connectionStatusChanged?.disconnect(onConnection);
    kernel?.statusChanged?.disconnect(onStatus);
    model.off("msg:custom", onMessage);
  };
}

function baseUrl() {
  const config = document.getElementById("jupyter-config-data");
  try {
    return JSON.parse(config.textContent).baseUrl ?? "/";
  } catch {
    return "/";
  }
}

function stored(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing tells nothing of the absence.
  }
}

export default localized({ render });
