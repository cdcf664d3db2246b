// Writes the times of the page in words, in the zone of the browser, and keeps them true.
// They are <time> elements of the class dmc-time, with the time in UTC as their text; those
// of the class dmc-exact show the day and the clock instead of words.
const REFRESH_MS = 30_000;
const EXACT = { dateStyle: "medium", timeStyle: "medium" };

function writeTime(time) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const isExact = time.classList.contains("dmc-exact");
  const text = isExact
    ? new Intl.DateTimeFormat(region, EXACT).format(at)
    : timeInWords(time.dateTime);
  if (time.textContent !== text) time.textContent = text;
  const title = wholeTime(time.dateTime);
  if (time.title !== title) time.title = title;
}

function render({ el }) {
  el.hidden = true;
  let waiting = 0;
  const write = () => {
    waiting = 0;
    document.querySelectorAll("time.dmc-time[datetime]").forEach(writeTime);
  };
  const observer = new MutationObserver(() => {
    waiting ||= requestAnimationFrame(write);
  });
  observer.observe(document.body, { childList: true, subtree: true });
  const timer = setInterval(write, REFRESH_MS);
  write();
  return () => {
    observer.disconnect();
    clearInterval(timer);
    cancelAnimationFrame(waiting);
  };
}

export default localized({ render });
