// Document lines: a small sheet filled from the keyboard; prices, taxes and totals come from the server while typing.
// Markup: components/lines.html. Names of fields: `<lines>.<row>.<column>`; a new row is a clone of the <template>.
import { $, $$, each, later, on, say } from "./page.js";
import { pressed } from "./shortcuts.js";
import { toast } from "./toasts.js";

class Lines {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    this.body = $("tbody", root);
    this.pattern = $("template", root);
    this.next = Number(root.dataset.next || 0);
    root.lines = this;
    this.preview = later(220, () => this.ask());

    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("input", (event) => this.touched(event.target));
    root.addEventListener("change", (event) => this.touched(event.target));
    root.addEventListener("paste", (event) => this.paste(event));
    root.addEventListener("click", (event) => {
      if (event.target.closest("[data-add-line]")) this.add(true);
      const remove = event.target.closest("[data-remove-line]");
      if (remove) this.remove(remove.closest("tr"));
    });
    this.form.addEventListener("change", (event) => {
      if (!root.contains(event.target)) this.preview();
    });
    // Values the server proposed and nobody changed are sent empty, so that it proposes again.
    this.form.addEventListener("formdata", (event) => {
      for (const field of $$("[data-auto]", this.form)) if (field.name) event.formData.set(field.name, "");
    });
    if (root.dataset.previewUrl) this.ask();
  }

  rows() {
    return $$("tr[data-line]", this.body);
  }

  fields(row) {
    return $$("input:not([type=hidden]):not([readonly]), select, textarea", row).filter((field) => field.offsetParent);
  }

  // What a new line starts with does not make it a line.
  startsWith(field) {
    const name = field.dataset.field;
    return name ? this.pattern.content.querySelector(`[data-field="${CSS.escape(name)}"]`)?.value || "" : "";
  }

  isBlank(row) {
    return $$("input, select, textarea", row).every(
      (field) =>
        field.dataset.auto !== undefined || field.type === "checkbox" || !field.value || field.value === this.startsWith(field) || field.name.endsWith(".id"),
    );
  }

  add(focus) {
    const at = this.next++;
    const made = this.pattern.content.cloneNode(true);
    for (const field of made.querySelectorAll("*")) {
      for (const name of ["name", "id", "for", "data-name", "data-line", "aria-describedby"]) {
        const value = field.getAttribute(name);
        if (value && value.includes("__at__")) field.setAttribute(name, value.replaceAll("__at__", at));
      }
    }
    const row = made.querySelector("tr");
    this.body.insertBefore(made, $("tr.add", this.body));
    this.number();
    row.dispatchEvent(new CustomEvent("guanxi:added", { bubbles: true }));
    if (focus) this.fields(row)[0]?.focus();
    return row;
  }

  remove(row) {
    const rows = this.rows();
    const at = rows.indexOf(row);
    row.remove();
    this.number();
    const near = rows[at + 1] || rows[at - 1];
    if (near) this.fields(near)[0]?.focus();
    else this.add(true);
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
    this.preview();
  }

  number() {
    this.rows().forEach((row, at) => {
      const place = $("[data-number]", row);
      if (place) place.textContent = at + 1;
    });
  }

  touched(field) {
    if (!(field instanceof Element) || !field.closest("tr[data-line]")) return;
    if (field.matches("input, select, textarea")) {
      delete field.dataset.auto;
      field.classList.remove("auto");
    }
    this.preview();
  }

  key(event) {
    if (event.defaultPrevented) return;
    const field = event.target;
    const row = field.closest("tr[data-line]");
    if (!row) return;
    const rows = this.rows();
    const at = rows.indexOf(row);
    const inRow = this.fields(row);
    const column = inRow.indexOf(field);
    if (pressed(event, "next_line") && field.tagName !== "TEXTAREA") {
      event.preventDefault();
      if (event.shiftKey) return this.to(rows[at - 1], column);
      if (rows[at + 1]) this.to(rows[at + 1], 0);
      else if (!this.isBlank(row)) this.add(true);
    } else if (event.key === "Tab" && !event.shiftKey && column === inRow.length - 1 && at === rows.length - 1 && !this.isBlank(row)) {
      event.preventDefault();
      this.add(true);
    } else if (event.key === "ArrowDown" && field.tagName !== "SELECT" && field.type !== "date") {
      event.preventDefault();
      if (rows[at + 1]) this.to(rows[at + 1], column);
      else if (!this.isBlank(row)) this.to(this.add(false), column);
    } else if (event.key === "ArrowUp" && field.tagName !== "SELECT" && field.type !== "date") {
      event.preventDefault();
      this.to(rows[at - 1], column);
    } else if (pressed(event, "remove_line")) {
      event.preventDefault();
      this.remove(row);
    }
  }

  to(row, column) {
    const field = row && this.fields(row)[Math.max(0, column)];
    if (!field) return;
    field.focus();
    field.select?.();
  }

  // Rows copied from a spreadsheet: tabs between columns, a line break between rows.
  paste(event) {
    const text = event.clipboardData?.getData("text/plain") || "";
    const field = event.target;
    if (!field.matches?.("input") || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    let row = field.closest("tr[data-line]");
    const start = this.fields(row).indexOf(field);
    const grid = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").slice(0, 500);
    for (const line of grid) {
      row ||= this.add(false);
      const places = this.fields(row).slice(start);
      line.split("\t").forEach((value, at) => {
        const place = places[at];
        if (!place) return;
        place.value = value.trim();
        const combo = place.closest("[data-combo]");
        if (combo) {
          $("[data-combo-value]", combo).value = place.value;
          combo.combobox.chosen = place.value;
        }
        delete place.dataset.auto;
      });
      const rows = this.rows();
      row = rows[rows.indexOf(row) + 1];
    }
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
    this.preview();
    toast(say("pasted", { n: grid.length }));
  }

  async ask() {
    const address = this.root.dataset.previewUrl;
    if (!address) return;
    this.asking?.abort();
    this.asking = new AbortController();
    const totals = $("[data-totals]", this.form);
    totals?.setAttribute("data-stale", "");
    try {
      const response = await fetch(address, {
        method: "POST",
        body: new FormData(this.form),
        credentials: "same-origin",
        signal: this.asking.signal,
        headers: { Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf || "" },
      });
      if (!response.ok) throw new Error(response.statusText);
      this.fill(await response.json());
      totals?.removeAttribute("data-stale");
    } catch (error) {
      if (error.name !== "AbortError") totals?.setAttribute("data-stale", "");
    }
  }

  // {"lines": {row: {"values": {column: text}, "shown": {column: text}, "errors": {column: text}}}, "totals": {name: text}, "values": {…}}
  fill(answer) {
    for (const row of this.rows()) {
      const found = answer.lines[row.dataset.line];
      for (const cell of $$("td[data-column]", row)) {
        const name = cell.dataset.column;
        const problem = found?.errors?.[name];
        cell.classList.toggle("has-error", Boolean(problem));
        let note = $(".error", cell);
        if (problem) {
          note ||= cell.appendChild(Object.assign(document.createElement("span"), { className: "error" }));
          note.textContent = problem;
        } else note?.remove();
        const field = $("[data-field]", cell);
        if (cell.classList.contains("shown")) cell.textContent = found?.shown?.[name] ?? "";
        else if (field) propose(field, found?.values?.[name]);
      }
    }
    for (const place of $$("[data-total]", this.form)) place.textContent = answer.totals[place.dataset.total] ?? "";
    for (const [name, value] of Object.entries(answer.values || {})) {
      const field = $(`[data-field="${CSS.escape(name)}"]`, this.form);
      if (field && !field.closest("[data-lines]")) propose(field, value);
    }
  }
}

/** Shows a value the server would take if the field stays empty; what a person typed is never changed. */
function propose(field, value) {
  if (value == null || field === document.activeElement) return;
  if (field.value !== "" && field.dataset.auto === undefined) return;
  const combo = field.closest("[data-combo]");
  if (combo) {
    const [id, label] = value;
    $("[data-combo-value]", combo).value = id;
    field.value = label;
    combo.combobox.chosen = label;
    $("[data-combo-value]", combo).dataset.auto = "";
  } else field.value = value;
  if (field.value !== "") {
    field.dataset.auto = "";
    field.classList.add("auto");
  }
}

// A chosen reference is no longer a proposal.
on("guanxi:chosen", "[data-combo]", (event, combo) => {
  const hidden = $("[data-combo-value]", combo);
  if (hidden) delete hidden.dataset.auto;
});

each("[data-lines]", (root) => new Lines(root));
