// Document lines: a small sheet filled from the keyboard; prices, taxes and totals come from the server while typing.
// Markup: components/lines.html. Names of fields: `<lines>.<row>.<column>`; a new row is a clone of the <template>.
// Lines stand under the heading above them: its text is sent with each of them.
import { $, $$, each, later, on } from "./page.js";
import { paste } from "./paste.js";
import { pressed } from "./shortcuts.js";

/** The headings of a form that is about to be drawn again, by the line they stand over. */
let left = null;

class Lines {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    this.body = $("tbody", root);
    this.pattern = $("template:not([data-heading])", root);
    this.headingPattern = $("template[data-heading]", root);
    this.next = Number(root.dataset.next || 0);
    root.lines = this;
    this.preview = later(220, () => this.ask());

    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("input", (event) => this.touched(event.target));
    root.addEventListener("change", (event) => this.touched(event.target));
    root.addEventListener("paste", (event) => paste(this, event));
    root.addEventListener("guanxi:entered", (event) => this.onToFigure(event.target));
    root.addEventListener("click", (event) => {
      if (event.target.closest("[data-add-line]")) this.add(true);
      if (event.target.closest("[data-add-section]")) this.addHeading($("tr.add", this.body));
      const remove = event.target.closest("[data-remove-line]");
      if (remove) this.remove(remove.closest("tr"));
      const choose = event.target.closest("[data-choose]");
      if (choose) this.choose(choose.closest("[data-choice]"));
    });
    root.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest("[data-drag]");
      if (handle && event.button === 0) this.drag(event, handle.closest("tr"));
    });
    this.form.addEventListener("change", (event) => {
      if (!root.contains(event.target)) this.preview();
    });
    this.form.addEventListener("formdata", (event) => {
      if (this.headingPattern) this.eachUnderItsHeading((row, title) => event.formData.set(root.dataset.section.replace("*", row.dataset.line), this.isBlank(row) ? "" : title));
    });
    for (const row of this.rows()) this.remember(row);
    this.putBack();
    if (root.dataset.previewUrl) this.ask();
  }

  rows() {
    return $$("tr[data-line]", this.body);
  }

  /** Lines and the headings among them. */
  places() {
    return $$("tr[data-line], tr[data-heading]", this.body);
  }

  eachUnderItsHeading(tell) {
    let heading = null;
    for (const place of this.places()) {
      if (place.matches("[data-heading]")) heading = place;
      else tell(place, heading ? $("input", heading).value.trim() : "", heading);
    }
  }

  fields(row) {
    return $$("input:not([type=hidden]):not([readonly]), select, textarea", row).filter((field) => field.offsetParent);
  }

  /** What names the product of a row, where the server fills in the rest of it. */
  lead(row) {
    const field = this.root.dataset.previewUrl && $("[data-field=product]", row);
    return field && $("[data-combo-value]", field.closest("[data-combo]"));
  }

  remember(row) {
    const lead = this.lead(row);
    if (lead) lead.dataset.of = lead.value;
  }

  /** Of another product there is another description, unit and price. What was typed beside it stays, unless the `whole` row is replaced. */
  another(row, whole = false) {
    for (const field of $$("[data-field]", row)) {
      const start = this.startsWith(field);
      if (!field.matches("input") || field.dataset.field === "product" || field.type === "checkbox" || (!whole && (start || field.type === "date" || field.dataset.typed !== undefined))) continue;
      const combo = field.closest("[data-combo]")?.combobox;
      if (combo) {
        combo.chosen = combo.hidden.value = "";
        combo.hidden.dataset.auto = "";
      }
      field.value = start;
      delete field.dataset.typed;
      if (!start) field.dataset.auto = "";
    }
  }

  // What a new line starts with does not make it a line.
  startsWith(field) {
    const name = field.dataset.field;
    return name ? this.pattern.content.querySelector(`[data-field="${CSS.escape(name)}"]`)?.value || "" : "";
  }

  isBlank(row) {
    return $$("input, select, textarea", row).every(
      (field) =>
        field.dataset.auto !== undefined || field.dataset.ofSection !== undefined || field.type === "checkbox" || !field.value || field.value === this.startsWith(field) || field.name.endsWith(".id"),
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

  /** A heading before this row: what follows stands under it. */
  addHeading(before, title = "", isQuiet = Boolean(title)) {
    const row = this.headingPattern.content.cloneNode(true).querySelector("tr");
    this.body.insertBefore(row, before);
    $("input", row).value = title;
    if (!isQuiet) $("input", row).focus();
    return row;
  }

  /** A heading is sent with its lines. One without words or lines is known only here: it comes back when the form is drawn again. */
  leave() {
    left = [];
    let over = [];
    for (const place of this.places()) {
      if (place.matches("[data-heading]")) over.push($("input", place).value);
      else if (!this.isBlank(place)) {
        left.push([place.dataset.line, over]);
        over = [];
      }
    }
    left.push(["", over]);
  }

  putBack() {
    for (const [line, titles] of left || []) {
      const row = line ? $(`tr[data-line="${line}"]`, this.body) : $("tr.add", this.body);
      const drawn = row?.previousElementSibling?.matches("[data-heading]") && line ? row.previousElementSibling : null;
      if (row) for (const title of drawn ? titles.slice(0, -1) : titles) this.addHeading(drawn || row, title, true);
    }
    left = null;
  }

  remove(row) {
    const rows = this.places();
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
    if (!(field instanceof Element) || !field.closest("tr[data-line], tr[data-heading]")) return;
    if (field.matches("input, select, textarea")) {
      delete field.dataset.auto;
      field.dataset.typed = "";
    }
    const row = field.closest("tr[data-line]");
    const lead = row && this.lead(row);
    if (lead?.value && lead.value !== lead.dataset.of && lead.closest("td").contains(field)) {
      if (lead.dataset.of) this.another(row);
      this.remember(row);
    }
    const choice = field.matches("[role=combobox]") && $("[data-choice]", field.closest("td"));
    const of = choice && $("[data-combo-value]", field.closest("td")).value;
    if (choice && choice.dataset.of !== of) {
      // Of another product there is another choice.
      choice.dataset.of = of;
      choice.dataset.fresh = "";
      this.chosen(choice, "", "");
    }
    this.preview();
  }

  // What is chosen within a cell is made in a dialog; what was typed elsewhere stays.
  choose(choice) {
    if (!choice.dataset.url) return;
    const asker = { choose: ({ id, label }) => this.chosen(choice, id, label), input: $("[data-choose]", choice) };
    document.dispatchEvent(new CustomEvent("guanxi:open", { detail: { url: choice.dataset.url, asker } }));
  }

  chosen(choice, id, label) {
    const name = $("[data-choice-name]", choice);
    const input = $("input", choice);
    const isOther = input.value !== String(id);
    input.value = id;
    name.textContent = label || name.dataset.empty;
    if (!isOther) return;
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
    this.preview();
  }

  key(event) {
    if (event.defaultPrevented) return;
    const field = event.target;
    const row = field.closest("tr[data-line], tr[data-heading]");
    if (!row) return;
    const rows = this.places();
    const at = rows.indexOf(row);
    const inRow = this.fields(row);
    const column = inRow.indexOf(field);
    if (pressed(event, "next_line") && field.tagName !== "TEXTAREA") {
      event.preventDefault();
      if (event.shiftKey) return this.to(rows[at - 1], column);
      if (rows[at + 1]) this.to(rows[at + 1], 0);
      else if (!this.isBlank(row)) this.add(true);
    } else if (pressed(event, "add_section") && this.headingPattern) {
      event.preventDefault();
      this.addHeading(row);
      this.moved();
    } else if (event.key === "Tab" && !event.shiftKey && column === inRow.length - 1 && at === rows.length - 1 && !this.isBlank(row)) {
      event.preventDefault();
      this.add(true);
    } else if (event.key === "ArrowDown" && !event.altKey && field.tagName !== "SELECT" && field.type !== "date") {
      event.preventDefault();
      if (rows[at + 1]) this.to(rows[at + 1], column);
      else if (!this.isBlank(row)) this.to(this.add(false), column);
    } else if (event.key === "ArrowUp" && !event.altKey && field.tagName !== "SELECT" && field.type !== "date") {
      event.preventDefault();
      this.to(rows[at - 1], column);
    } else if (pressed(event, "duplicate_line")) {
      event.preventDefault();
      if (row.matches("[data-line]")) this.duplicate(row);
    } else if (pressed(event, "move_line")) {
      event.preventDefault();
      this.move(row, event.key === "ArrowUp" ? -1 : 1, field);
    } else if (sideways(event)) {
      const next = inRow[column + sideways(event)];
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.select?.();
    } else if (pressed(event, "remove_line")) {
      event.preventDefault();
      this.remove(row);
    }
  }

  to(row, column) {
    const fields = row ? this.fields(row) : [];
    const field = fields[Math.min(Math.max(0, column), fields.length - 1)];
    if (!field) return;
    field.focus();
    field.select?.();
  }

  duplicate(row) {
    const made = this.add(false);
    row.after(made);
    const from = $$("[name]", row).filter((field) => !field.name.endsWith(".id"));
    for (const field of from) {
      const to = $(`[name="${CSS.escape(field.name.replace(`.${row.dataset.line}.`, `.${made.dataset.line}.`))}"]`, made);
      if (!to) continue;
      if (field.type === "checkbox") to.checked = field.checked;
      else to.value = field.value;
      if (field.dataset.auto !== undefined) to.dataset.auto = "";
    }
    const shown = (one) => $$("[data-combo] input[role=combobox]", one);
    shown(made).forEach((field, at) => {
      field.value = shown(row)[at].value;
      const from = shown(row)[at].closest("[data-combo]").combobox;
      field.closest("[data-combo]").combobox.chosen = from.chosen;
    });
    this.remember(made);
    this.moved(made);
    this.fields(made)[0]?.focus();
  }

  /** Who takes a product with Enter goes on with how many. */
  onToFigure(combo) {
    const fields = this.fields(combo.closest("tr"));
    const next = fields.slice(fields.indexOf($("[role=combobox]", combo)) + 1).find((field) => field.inputMode === "decimal");
    next?.focus();
    next?.select();
  }

  /** To another place among the lines; their numbers follow. */
  move(row, step, field) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other || other.matches(".add")) return;
    if (step < 0) other.before(row);
    else other.after(row);
    this.moved(row);
    field?.focus();
  }

  moved() {
    this.number();
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
    this.preview();
  }

  /** A line is drawn by its number, with mouse, pen or finger. */
  drag(event, row) {
    event.preventDefault();
    const over = (move) => {
      const target = document.elementFromPoint(move.clientX, move.clientY)?.closest("tbody > tr");
      if (!target || target === row || target.parentElement !== this.body || target.matches(".add")) return;
      const { top, height } = target.getBoundingClientRect();
      if (move.clientY < top + height / 2) target.before(row);
      else target.after(row);
    };
    const end = () => {
      row.classList.remove("dragged");
      removeEventListener("pointermove", over);
      this.moved(row);
    };
    row.classList.add("dragged");
    addEventListener("pointermove", over);
    addEventListener("pointerup", end, { once: true });
    addEventListener("pointercancel", end, { once: true });
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

  // {"lines": {row: {"values": {column: text}, "shown": {column: text}, "tones": {column: tone}, "errors": {column: text}}}, "totals": {name: text}, "tones": {…}, "values": {…},
  // "remarks": [{"title", "lines", "tone"}]}
  fill(answer) {
    for (const row of this.rows()) {
      const found = answer.lines[row.dataset.line];
      for (const choice of $$("[data-choice]", row)) {
        const lead = found?.choices?.[choice.dataset.choice];
        choice.hidden = !lead;
        choice.dataset.url = lead?.url ?? "";
        if (lead?.label) $("[data-choice-name]", choice).textContent = lead.label;
        // Whoever takes a product with options is led to them, once.
        if (lead && choice.dataset.fresh !== undefined && !$("input", choice).value) this.choose(choice);
        if (found) delete choice.dataset.fresh;
      }
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
        if (name === "unit_price") explain(cell, found?.why || "");
        if (cell.classList.contains("shown")) {
          show(cell, found?.shown?.[name] ?? "", found?.said?.[name]);
          cell.dataset.tone = found?.tones?.[name] ?? "";
        } else if (field) propose(field, found?.values?.[name]);
      }
    }
    for (const place of $$("[data-subtotal]", this.body)) place.textContent = "";
    this.eachUnderItsHeading((row, _title, heading) => {
      if (heading && answer.subtotals?.[row.dataset.line]) $("[data-subtotal]", heading).textContent = answer.subtotals[row.dataset.line];
    });
    for (const place of $$("[data-total]", this.form)) {
      place.textContent = answer.totals[place.dataset.total] ?? "";
      place.dataset.tone = answer.tones?.[place.dataset.total] ?? "";
    }
    const remarks = $("[data-remarks]", this.form);
    remarks?.replaceChildren(
      ...(answer.remarks || []).map((one) => {
        const line = Object.assign(document.createElement("p"), { className: `remark ${one.tone}` });
        line.append(Object.assign(document.createElement("span"), { textContent: one.title }), ` ${one.lines.join(" ")}`);
        return line;
      }),
    );
    for (const field of $$("[data-field]", this.form)) {
      if (!field.closest("[data-lines]")) propose(field, answer.values?.[field.dataset.field] ?? (field.dataset.auto === undefined ? null : ""));
    }
  }
}

/** A computed value, and what is said of it: [word, sentence, tone]. */
function show(cell, text, said) {
  cell.textContent = text;
  cell.title = said?.[1] ?? "";
  if (!said?.[0]) return;
  const tag = Object.assign(document.createElement("span"), { className: `tag ${said[2]}`, textContent: said[0] });
  cell.append(text ? " " : "", tag);
}

/** -1 or 1 where the cursor stands at the edge of its text and goes on beyond it. */
function sideways(event) {
  const field = event.target;
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || !field.matches("input") || field.selectionStart === undefined) return 0;
  const all = field.selectionStart === 0 && field.selectionEnd === field.value.length;
  if (event.key === "ArrowLeft" && field.selectionStart === 0 && (all || field.selectionEnd === 0)) return -1;
  return event.key === "ArrowRight" && field.selectionEnd === field.value.length && (all || field.selectionStart === field.value.length) ? 1 : 0;
}

/** Shows a value the server would take if the field stays empty; what a person typed is never changed. */
function propose(field, value) {
  if (value == null || field === document.activeElement) return;
  if (field.value !== "" && field.dataset.auto === undefined) return;
  const combo = field.closest("[data-combo]");
  if (combo) {
    const [id, label] = value || ["", ""];
    $("[data-combo-value]", combo).value = id;
    field.value = label;
    combo.combobox.chosen = label;
    $("[data-combo-value]", combo).dataset.auto = "";
    $(".clear", combo).hidden = !id;
  } else field.value = value;
  if (field.value !== "") field.dataset.auto = "";
}

/** The button with the steps of the price, as the server drew it. */
function explain(cell, html) {
  const place = $(".of-price", cell) || (html && cell.appendChild(Object.assign(document.createElement("span"), { className: "of-price" })));
  if (place && place.innerHTML !== html) place.innerHTML = html;
}

// A chosen reference is no longer a proposal.
on("guanxi:chosen", "[data-combo]", (event, combo) => {
  const hidden = $("[data-combo-value]", combo);
  if (hidden) delete hidden.dataset.auto;
});

each("[data-lines]", (root) => new Lines(root));
document.addEventListener("htmx:beforeSwap", (event) => $("form [data-lines]", event.target.parentElement)?.lines?.leave());
