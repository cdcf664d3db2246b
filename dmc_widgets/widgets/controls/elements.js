// Shared by the controls: put before each of their scripts, which are single modules.
const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function button(className, text, label = "") {
  const element = make("button", { type: "button", className, textContent: text });
  if (label) element.setAttribute("aria-label", label);
  return element;
}

function sizeText(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const shown = unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1);
  return `${shown} ${UNITS[unit]}`;
}

const LANGUAGE = document.documentElement.lang || "en";
const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
];

// "3 minutes ago" within a week, then the day.
function timeInWords(iso, now = Date.now()) {
  const at = new Date(iso);
  let value = (at - now) / 1000;
  if (Math.abs(value) < 10) return "just now";
  const words = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto", style: "short" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(Math.round(value)) < size) return words.format(Math.round(value), unit);
    value /= size;
  }
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" }).format(at);
}

function wholeTime(iso) {
  const style = { dateStyle: "full", timeStyle: "long" };
  return new Intl.DateTimeFormat(LANGUAGE, style).format(new Date(iso));
}

// What was written as "a minute ago" is true for a minute only.
function refreshTimes(element) {
  for (const time of element.querySelectorAll("time[datetime]")) {
    const words = timeInWords(time.dateTime);
    if (time.textContent !== words) time.textContent = words;
  }
}
