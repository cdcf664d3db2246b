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
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  const style = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${new Intl.NumberFormat(language.code, style).format(value)} ${UNITS[unit]}`;
}

// The language of the kernel, with the texts of the script in it; see languages/scripts.py.
let language = { code: "en", dir: "ltr" };
let region = "en";

// Every control is drawn in the language of its kernel, with the dates of its region.
function localized({ initialize, render }) {
  return {
    initialize({ model }) {
      language = model.get("language");
      const { code } = language;
      region = navigator.languages.find((tag) => tag.split("-")[0] === code) ?? code;
      return initialize?.({ model });
    },
    render(context) {
      Object.assign(context.el, { lang: language.code, dir: language.dir });
      return render(context);
    },
  };
}

// A text of ours; what is put in stands in braces.
function t(message, values = {}) {
  return fill(language.texts?.[message] ?? message, values);
}

// The form of a text that a number asks for; {count} is that number.
function tn(one, many, count, values = {}) {
  const forms = language.texts?.[one] ?? [one, many];
  const place = count < 100 ? count : 100 + (count % 100);
  const form = Number(language.forms?.[place] ?? (count === 1 ? 0 : 1));
  return fill(forms[form], { count: numberText(count), ...values });
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (hole, name) =>
    values[name] === undefined || values[name] === null ? hole : isolate(`${values[name]}`),
  );
}

const ACTS = {
  ltr: /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u,
  rtl: /[\p{L}\u200e\u202a-\u202e\u2066-\u2069]/u,
};

// A name does not reorder the sentence that it is put into; see languages/isolation.py.
function isolate(text) {
  if (!ACTS[language.dir ?? "ltr"].test(text)) return text;
  const shown = text.replace(/[\u202d\u202e]/g, "\ufffd");
  let depth = 0;
  const isBalanced = [...shown.matchAll(/[\u2066-\u2069]/g)].every(([found]) => {
    depth += found === "\u2069" ? -1 : 1;
    return depth >= 0;
  });
  const whole = isBalanced && depth === 0;
  return `\u2068${whole ? shown : shown.replace(/[\u2066-\u2069]/g, "\ufffd")}\u2069`;
}

function numberText(number) {
  return new Intl.NumberFormat(language.code, { maximumFractionDigits: 1 }).format(number);
}

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
  if (Math.abs(value) < 10) return t("just now");
  const words = new Intl.RelativeTimeFormat(region, { numeric: "auto", style: "short" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(Math.round(value)) < size) return words.format(Math.round(value), unit);
    value /= size;
  }
  return new Intl.DateTimeFormat(region, { dateStyle: "medium" }).format(at);
}

function wholeTime(iso) {
  const style = { dateStyle: "full", timeStyle: "long" };
  return new Intl.DateTimeFormat(region, style).format(new Date(iso));
}

// What was written as "a minute ago" is true for a minute only.
function refreshTimes(element) {
  for (const time of element.querySelectorAll("time[datetime]")) {
    const words = timeInWords(time.dateTime);
    if (time.textContent !== words) time.textContent = words;
  }
}
