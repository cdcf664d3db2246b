// A chart as an inline drawing: areas on top of each other, a line, or bars.
// Labels may come from anybody: they are set as text, never as markup.
const SVG = "http://www.w3.org/2000/svg";
const SIZE = { width: 640, height: 190, left: 52, right: 10, top: 10, bottom: 24 };

function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// 0, 50, 100, 150, 200: at most five lines with round numbers.
function ticksTo(top) {
  const rough = Math.max(top, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const count = Math.ceil(Math.max(top, 1) / step);
  return Array.from({ length: count + 1 }, (_one, index) => index * step);
}

function shortNumber(value) {
  const style = { notation: "compact", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language.code, style).format(value);
}

function spanText(seconds) {
  if (seconds < 120) return `${numberText(Math.round(seconds * 10) / 10)} s`;
  if (seconds < 7200) return `${numberText(Math.round(seconds / 6) / 10)} min`;
  return `${numberText(Math.round(seconds / 360) / 10)} h`;
}

class Chart {
  constructor(model, el) {
    this.model = model;
    el.classList.add("dmc-chart");
    this.title = make("figcaption", { className: "dmc-chart-title" });
    this.legend = make("ul", { className: "dmc-chart-legend" });
    this.note = make("p", { className: "dmc-chart-note" });
    this.plot = make("div", { className: "dmc-chart-plot", tabIndex: 0 });
    this.tip = make("div", { className: "dmc-chart-tip", hidden: true });
    this.tip.setAttribute("role", "status");
    this.table = make("table");
    this.details = make("details", { className: "dmc-chart-table" });
    this.details.append(make("summary", { textContent: t("Show as Table") }), this.table);
    this.details.addEventListener("toggle", () => this.drawTable());
    const box = make("div", { className: "dmc-chart-box" }, this.plot, this.tip);
    this.figure = make("figure", {}, this.title, this.legend, this.note, box);
    this.figure.append(this.details);
    el.append(this.figure);
    this.plot.setAttribute("role", "img");
    this.plot.addEventListener("pointermove", (event) => this.follow(event));
    this.plot.addEventListener("pointerleave", () => this.point(null));
    this.plot.addEventListener("blur", () => this.point(null));
    this.plot.addEventListener("keydown", (event) => this.walk(event));
    this.draw();
  }

  draw() {
    const { x, series } = this.model.get("data");
    const kind = this.model.get("kind");
    const hasValues = x.length > (kind === "bars" ? 0 : 1) && series.length > 0;
    this.title.textContent = this.model.get("title");
    this.note.textContent = this.model.get("empty_text");
    this.note.hidden = hasValues;
    this.plot.parentElement.hidden = this.details.hidden = !hasValues;
    this.plot.setAttribute("aria-label", this.model.get("summary"));
    this.drawLegend(series.length > 1 ? series : []);
    if (!hasValues) return this.plot.replaceChildren();
    if (kind === "bars") this.drawBars(x, series[0]);
    else this.drawTime(x, series, kind);
    this.drawTable();
  }

  drawLegend(series) {
    this.legend.replaceChildren(
      ...series.map(({ label, color }) =>
        make("li", {}, make("span", { className: `dmc-chart-dot dmc-chart-${color}` }), label),
      ),
    );
    this.legend.hidden = series.length === 0;
  }

  drawTime(x, series, kind) {
    const { width, height, left, right, top, bottom } = SIZE;
    const sums = x.map((_one, at) =>
      kind === "area"
        ? series.reduce((sum, { values }) => sum + values[at], 0)
        : Math.max(...series.map(({ values }) => values[at])),
    );
    const ticks = ticksTo(Math.max(...sums));
    const highest = ticks.at(-1);
    const [first, last] = [Math.min(0, x[0]), x.at(-1)];
    this.atX = (value) => left + ((value - first) / (last - first || 1)) * (width - left - right);
    const atY = (value) => top + (1 - value / highest) * (height - top - bottom);
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    for (const tick of ticks) {
      const y = atY(tick);
      svg.append(shape("line", { x1: left, x2: width - right, y1: y, y2: y, class: "dmc-chart-grid" }));
      const place = { x: left - 8, y: y + 4, "text-anchor": "end" };
      svg.append(shape("text", place, shortNumber(tick)));
    }
    for (const part of [0, 0.5, 1]) {
      const value = first + (last - first) * part;
      const anchor = ["start", "middle", "end"][part * 2];
      const place = { x: this.atX(value), y: height - 6, "text-anchor": anchor };
      svg.append(shape("text", place, spanText(value)));
    }
    let below = x.map(() => 0);
    for (const { color, values } of series) {
      const above = values.map((value, at) => value + (kind === "area" ? below[at] : 0));
      const path = (row) => row.map((value, at) => `${this.atX(x[at]).toFixed(1)},${atY(value).toFixed(1)}`);
      const upper = path(above);
      if (kind === "area") {
        const points = [...upper, ...path(below).reverse()].join(" ");
        svg.append(shape("polygon", { points, class: `dmc-chart-area dmc-chart-${color}` }));
        below = above;
      }
      svg.append(shape("polyline", { points: upper.join(" "), class: `dmc-chart-line dmc-chart-${color}` }));
    }
    this.cursor = shape("line", { y1: top, y2: height - bottom, class: "dmc-chart-cursor", visibility: "hidden" });
    svg.append(this.cursor);
    this.plot.replaceChildren(svg);
  }

  drawBars(x, { values, color }) {
    const most = Math.max(...values, 1);
    const rows = x.map((label, at) => {
      const bar = make("span", { className: `dmc-chart-bar dmc-chart-${color}` });
      bar.style.width = `${(values[at] / most) * 100}%`;
      const track = make("span", { className: "dmc-chart-track" }, bar);
      const text = make("span", { className: "dmc-chart-label", textContent: label, title: label });
      const number = make("span", { className: "dmc-chart-value" });
      number.textContent = numberText(values[at]);
      return make("div", { className: "dmc-chart-row" }, text, track, number);
    });
    this.plot.replaceChildren(...rows);
    this.plot.removeAttribute("tabindex");
  }

  drawTable() {
    if (!this.details.open) return;
    const { x, series } = this.model.get("data");
    const isTime = this.model.get("kind") !== "bars";
    const head = make("tr", {}, make("th", { scope: "col", textContent: isTime ? t("Time") : "" }));
    for (const { label } of series) head.append(make("th", { scope: "col", textContent: label }));
    const step = Math.ceil(x.length / 24);
    const shown = x.map((_one, at) => at).filter((at) => at % step === 0 || at === x.length - 1);
    const rows = shown.map((at) => {
      const first = isTime ? spanText(x[at]) : x[at];
      const row = make("tr", {}, make("th", { scope: "row", textContent: first }));
      for (const { values } of series)
        row.append(make("td", { textContent: numberText(values[at]) }));
      return row;
    });
    this.table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  }

  follow(event) {
    const { x } = this.model.get("data");
    if (this.model.get("kind") === "bars" || x.length < 2) return;
    const box = this.plot.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * SIZE.width;
    const distances = x.map((value) => Math.abs(this.atX(value) - at));
    this.point(distances.indexOf(Math.min(...distances)));
  }

  walk(event) {
    const { x } = this.model.get("data");
    const at = this.at ?? x.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: x.length - 1 }[event.key];
    if (to === undefined || this.model.get("kind") === "bars") return;
    event.preventDefault();
    this.point(Math.max(0, Math.min(x.length - 1, to)));
  }

  point(at) {
    this.at = at;
    this.tip.hidden = at === null;
    this.cursor?.setAttribute("visibility", at === null ? "hidden" : "visible");
    if (at === null) return;
    const { x, series } = this.model.get("data");
    const place = this.atX(x[at]);
    this.cursor.setAttribute("x1", place);
    this.cursor.setAttribute("x2", place);
    const lines = series.map(({ label, values }) => `${label}: ${numberText(values[at])}`);
    this.tip.textContent = [spanText(x[at]), ...lines].join("\n");
    const share = place / SIZE.width;
    this.tip.style.insetInlineStart = `${share * 100}%`;
    this.tip.classList.toggle("dmc-chart-left", share > 0.6);
  }
}

function render({ model, el }) {
  const chart = new Chart(model, el);
  const draw = () => chart.draw();
  model.on("change:data change:summary change:title", draw);
  return () => model.off("change:data change:summary change:title", draw);
}

export default localized({ render });
