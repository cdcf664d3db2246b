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
