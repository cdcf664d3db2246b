// One row of the table and its cells.
class Line {
  constructor(table, key) {
    this.table = table;
    this.key = key;
    this.element = make("tr");
    this.shown = new Map();
    this.cells = new Map();
    if (table.model.get("selectable")) this.element.append(this.checkCell());
    for (const column of table.model.get("columns")) {
      const kind = `dmc-table-${column.kind} ${importance(column)}`;
      const cell = make("td", { className: `${alignment(column)} ${kind}` });
      cell.classList.toggle("dmc-table-clip", column.clip === true);
      cell.dataset.label = column.label; // beside the value on a narrow page
      this.cells.set(column.key, cell);
      this.element.append(cell);
    }
  }

  checkCell() {
    this.check = make("input", { type: "checkbox" });
    this.check.addEventListener("click", (event) => {
      this.table.selectFrom(this, event.shiftKey, this.check.checked);
    });
    return make("td", { className: "dmc-table-check" }, this.check);
  }

  mark(selected) {
    this.check.checked = selected;
    this.element.classList.toggle("dmc-table-selected", selected);
  }

  draw(row) {
    const columns = this.table.model.get("columns");
    this.href = row.href ?? "";
    const title = String(row[columns[0].key] ?? this.key);
    this.element.classList.toggle("dmc-table-strong", row.strong === true);
    if (this.check) {
      this.check.disabled = row.selectable === false;
      this.check.setAttribute("aria-label", t("Select {title}", { title }));
    }
    for (const column of columns) {
      const { key, kind } = column;
      const value = row[key] ?? null;
      const text = JSON.stringify(value);
      if (this.shown.get(key) === text) continue;
      this.shown.set(key, text);
      DRAW[kind](this.cells.get(key), value, this, title, column);
      if (column.clip) this.cells.get(key).title = typeof value === "string" ? value : "";
    }
  }
}

const DRAW = {
  // A value among others may be a time.
  text(cell, value) {
    if (value?.time) return DRAW.moment(cell, value.time);
    cell.textContent = value ?? "";
  },

  // Names that are joined to a path; lines break between them.
  path(cell, value) {
    const names = (value ?? "").split(/(?<=[.:/])/);
    cell.replaceChildren(...names.flatMap((name) => [name, make("wbr")]));
  },

  // A long text is cut to some lines, until somebody clicks it or works in its row. It
  // stays open then: what is below must not move away under the pointer.
  long(cell, value, line) {
    if (!cell.firstElementChild) {
      const text = make("div", { className: "dmc-table-lines" });
      text.addEventListener("click", () => text.classList.toggle("dmc-table-open"));
      line.element.addEventListener("focusin", () => text.classList.add("dmc-table-open"));
      cell.append(text);
    }
    cell.firstElementChild.textContent = value ?? "";
    cell.firstElementChild.title = value ?? "";
  },

  number(cell, value) {
    cell.textContent = value === null ? "" : numberText(value);
  },

  // A word in its colour and, while something runs, its progress below.
  status(cell, value, line, title) {
    const [word, kind, progress] = value ?? ["", "secondary"];
    const badge = cell.querySelector(".dmc-table-badge") ?? make("span");
    badge.className = `dmc-table-badge dmc-table-${kind}`;
    badge.textContent = word;
    if (!progress) return cell.replaceChildren(...(word ? [badge] : []));
    let live = cell.querySelector(".dmc-table-live");
    if (!live) {
      live = make("div", { className: "dmc-table-live" });
      live.append(make("progress", { max: 100 }), make("span"));
      cell.replaceChildren(badge, live);
    }
    const [bar, text] = live.children;
    if (progress.percent === null) bar.removeAttribute("value");
    else bar.value = progress.percent;
    bar.setAttribute("aria-label", t("Progress of {title}", { title }));
    text.textContent = progress.text;
  },

  // The address, where there is one, can be opened in a tab of its own, and copied.
  link(cell, value, line) {
    let link = cell.firstElementChild;
    const tag = line.href ? "a" : "button";
    if (link?.localName !== tag) {
      link = line.href ? make("a", { className: "dmc-table-follow" }) : button("dmc-table-follow", "");
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        line.table.model.send({ kind: "link", key: line.key });
      });
      cell.replaceChildren(link);
    }
    if (line.href) link.href = line.href;
    link.textContent = value ?? "";
  },

  moment(cell, value) {
    if (!value) return cell.replaceChildren();
    const style = { dateStyle: "medium", timeStyle: "medium" };
    const text = new Intl.DateTimeFormat(region, style).format(new Date(value));
    cell.replaceChildren(make("time", { textContent: text, title: wholeTime(value) }));
  },

  // In words, in the time zone of the browser; the whole time under the pointer.
  time(cell, value) {
    if (!value) return cell.replaceChildren();
    const time = cell.firstElementChild ?? make("time");
    time.dateTime = value;
    time.title = wholeTime(value);
    time.textContent = timeInWords(value);
    if (!time.parentElement) cell.append(time);
  },

  // An input keeps what is typed while it has the focus, whatever rows the kernel sends.
  input(cell, value, line, title, { key, label }) {
    if (!value) return cell.replaceChildren();
    const tag = value.text.includes("\n") ? "textarea" : "input";
    let input = cell.firstElementChild;
    if (input?.tagName.toLowerCase() !== tag && input !== document.activeElement) {
      input = make(tag, { className: "dmc-table-input", spellcheck: false });
      input.addEventListener("change", () =>
        line.table.model.send({
          kind: "edit",
          key: line.key,
          column: key,
          text: input.value,
        }),
      );
      input.addEventListener("keydown", (event) => walkColumn(event, line, key));
      cell.replaceChildren(input);
    }
    if (input !== document.activeElement) input.value = value.text;
    input.readOnly = value.locked ?? false;
    input.placeholder = value.hint ?? "";
    input.title = value.note ?? "";
    input.setAttribute("aria-label", `${label}, ${title}`);
    input.setAttribute("aria-description", value.note ?? "");
    input.setAttribute("aria-invalid", String(value.state === "wrong"));
    for (const state of ["wrong", "changed"])
      cell.classList.toggle(`dmc-table-${state}`, value.state === state);
  },

  actions(cell, value, line, title) {
    let opener = cell.firstElementChild;
    if (!opener) {
      opener = button("dmc-table-more", "⋮");
      opener.setAttribute("aria-haspopup", "menu");
      opener.setAttribute("aria-expanded", "false");
      const open = () => line.table.menu.toggle(opener, line.key, line.actions);
      opener.addEventListener("click", open);
      opener.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        open();
      });
      cell.append(opener);
    }
    line.actions = value ?? [];
    opener.setAttribute("aria-label", t("Actions for {title}", { title }));
    opener.hidden = line.actions.length === 0;
  },
};

// As in a spreadsheet: Enter takes what was typed, and goes to the same cell below.
function walkColumn(event, line, key) {
  if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
  event.preventDefault();
  const lines = [...line.table.body.children];
  const below = lines[lines.indexOf(line.element) + 1];
  const next = [...line.table.lines.values()].find(({ element }) => element === below);
  const input = next?.cells.get(key).firstElementChild;
  if (input) {
    input.focus();
    input.select();
  } else {
    event.target.blur();
    event.target.focus();
  }
}
