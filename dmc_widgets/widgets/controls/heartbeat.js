// Pings the kernel. Unanswered pings are counted, not seconds: a computer that slept, or a
// tab in the background, would look like a lost kernel.
const INTERVAL_MS = 5_000;
const UNANSWERED = 4; // a kernel may be busy for a while

function render({ model, el }) {
  const reload = button("dmc-heartbeat-reload", "Reload");
  const banner = make("div", { className: "dmc-heartbeat" });
  banner.setAttribute("role", "alert");
  reload.addEventListener("click", () => window.location.reload());
  let unanswered = 0;

  function draw() {
    const lost = unanswered > UNANSWERED;
    if (lost === (el.firstChild !== null)) return;
    banner.replaceChildren("Connection lost. Reload the page.", reload);
    el.replaceChildren(...(lost ? [banner] : []));
  }

  function onMessage(content) {
    if (content.kind !== "pong") return;
    unanswered = 0;
    draw();
  }

  function ask() {
    unanswered += 1;
    draw();
    try {
      model.send({ kind: "ping" });
    } catch {
      // Sending fails once the kernel has ended: count it as unanswered, too.
    }
  }

  model.on("msg:custom", onMessage);
  const timer = setInterval(ask, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    model.off("msg:custom", onMessage);
  };
}

export default { render };
