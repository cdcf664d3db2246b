// A graph with places from the kernel. Texts may come from anybody: they are set as text.
const SVG = "http://www.w3.org/2000/svg";

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function shorten(text, length) {
  const letters = [...text];
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
}

class Graph {
  constructor(model, el) {
    this.model = model;
    this.arrow = `dmc-graph-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    el.classList.add("dmc-graph");
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
    this.frame = make("div", { className: "dmc-graph-frame" });
    this.frame.setAttribute("role", "group");
    this.note = make("p", { className: "dmc-graph-note" });
    el.append(this.frame, this.note);
    this.draw();
  }

  draw() {
    const { nodes = [], edges = [], size = [0, 0], node = [0, 0] } = this.model.get("graph");
    const focused = this.frame.contains(document.activeElement)
      ? document.activeElement.dataset.key
      : undefined;
    this.frame.setAttribute("aria-label", this.model.get("label"));
    this.frame.hidden = nodes.length === 0;
    this.note.textContent = nodes.length ? "" : this.model.get("empty_text");
    const [width, height] = size;
    const picture = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
    picture.append(this.marker());
    this.lines = edges.map((edge) => this.edge(edge));
    picture.append(...this.lines);
    picture.append(...nodes.map((each) => this.node(each, node)));
    this.frame.replaceChildren(picture);
    if (focused === undefined) return;
    [...picture.querySelectorAll("a")].find((link) => link.dataset.key === focused)?.focus();
  }

  marker() {
    const tip = draw("path", { d: "M0 0 8 4 0 8z", class: "dmc-graph-tip" });
    const box = { id: this.arrow, viewBox: "0 0 8 8", refX: 7, refY: 4 };
    const marker = draw("marker", { ...box, markerWidth: 8, markerHeight: 8, orient: "auto" }, tip);
    return draw("defs", {}, marker);
  }

  edge({ path, title, weak, ends }) {
    const line = draw("path", { d: path, class: `dmc-graph-edge${weak ? " dmc-graph-weak" : ""}` });
    line.setAttribute("marker-end", `url(#${this.arrow})`);
    const name = draw("title");
    name.textContent = title;
    line.append(name);
    line.ends = ends;
    return line;
  }

  node({ key, label, detail, kind, href, is_link, x, y }, [width, height]) {
    const box = draw("rect", { width, height, rx: 6 });
    const first = draw("text", { x: 12, y: detail ? 20 : height / 2 + 5, class: "dmc-graph-label" });
    first.textContent = shorten(label, 20);
    const second = draw("text", { x: 12, y: 36, class: "dmc-graph-detail" });
    second.textContent = shorten(detail, 26);
    const name = draw("title");
    name.textContent = detail ? `${label}, ${detail}` : label;
    const tag = is_link ? "a" : "g";
    const className = `dmc-graph-node dmc-graph-${kind || "plain"}`;
    const node = draw(tag, { class: className, transform: `translate(${x} ${y})` });
    node.append(name, box, first, second);
    node.dataset.key = key;
    const light = (on) => this.light(key, on);
    node.addEventListener("pointerenter", () => light(true));
    node.addEventListener("pointerleave", () => light(false));
    if (!is_link) return node;
    node.setAttribute("href", href || "#");
    node.setAttribute("aria-label", name.textContent);
    node.addEventListener("focus", () => light(true));
    node.addEventListener("blur", () => light(false));
    node.addEventListener("click", (event) => {
      if (href && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
      event.preventDefault();
      this.model.send({ kind: "link", key });
    });
    return node;
  }

  light(key, on) {
    for (const line of this.lines)
      line.classList.toggle("dmc-graph-lit", on && line.ends.includes(key));
  }
}

function render({ model, el }) {
  const graph = new Graph(model, el);
  const redraw = () => graph.draw();
  model.on("change:graph change:empty_text change:label", redraw);
  return () => model.off("change:graph change:empty_text change:label", redraw);
}

export default localized({ render });
