// Rows copied from a spreadsheet into document lines: tabs between columns, a line break between rows.
// What is not known stays as it was typed; the server says so at its row.
import { $, json, say } from "./page.js";
import { FREE } from "./combobox.js";
import { toast } from "./toasts.js";

export function paste(lines, event) {
  const text = event.clipboardData?.getData("text/plain") || "";
  const field = event.target;
  let row = field.closest?.("tr[data-line]");
  if (!row || !field.matches("input") || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const start = lines.fields(row).indexOf(field);
  const grid = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").slice(0, 500).map((line) => line.split("\t").map((value) => value.trim()));
  const { columns, values } = placesOf(lines.fields(row), start, grid);
  const named = new Map();
  for (const line of values) {
    row ||= lines.add(false);
    if (lines.headingPattern && isHeading(line) && !values.every(isHeading)) {
      lines.addHeading(row, line.find(Boolean));
      continue;
    }
    const fields = lines.fields(row);
    // With a product of its own the row says nothing of the one that stood there.
    if (line.some((value, at) => value && fields[columns[at]]?.dataset.field === "product")) lines.another(row, true);
    line.forEach((value, at) => {
      const place = fields[columns[at]];
      if (!place || value === "") return;
      const combo = place.closest("[data-combo]")?.combobox;
      place.value = combo ? value : asNumber(place, value);
      place.dataset.typed = "";
      delete place.dataset.auto;
      if (!combo) return;
      combo.settle();
      named.set(combo, value);
    });
    lines.remember(row);
    const rows = lines.rows();
    row = rows[rows.indexOf(row) + 1];
  }
  recognise(lines, named);
  lines.form.dispatchEvent(new Event("input", { bubbles: true }));
  toast(say("pasted", { n: values.length }));
}

/** Codes and names that were pasted become the rows they name: one question for each kind. */
async function recognise(lines, named) {
  const urlOf = (combo) => combo.root.dataset.url;
  for (const url of new Set([...named.keys()].map(urlOf))) {
    const mine = [...named].filter(([combo]) => urlOf(combo) === url);
    const body = new FormData();
    for (const text of new Set(mine.map(([, text]) => text))) body.append("named", text);
    try {
      const { found } = await json(url, { method: "POST", body, headers: { "X-CSRFToken": document.body.dataset.csrf } });
      for (const [combo, text] of mine) if (found[text] && combo.hidden.value === FREE + text) combo.choose(found[text], false);
    } catch {
      // The text stays; the server says at the row what it does not know.
    }
  }
  lines.preview();
}

/** A row with one text and nothing else. */
const isHeading = (line) => line.filter(Boolean).length === 1 && !isFigure(line.find(Boolean));
const isFigure = (text) => /^[-+(]?[¥￥$€£]?\s?[\d.,'\s]*\d[\d.,'\s]*%?\)?$/.test(text);
/** Currency signs and thousands separators of a spreadsheet go; the server reads the rest. */
const asNumber = (field, text) => (field.inputMode === "decimal" && isFigure(text) ? text.replace(/[¥￥$€£\s]/g, "") : text);

/** Which field each pasted column belongs to: by its heading when the first row is one, else figures to figures and texts to texts, in order. */
function placesOf(fields, start, grid) {
  const label = (field) => (field.getAttribute("aria-label") || "").toLowerCase();
  const heads = grid[0].map((text) => fields.findIndex((field) => label(field) === text.toLowerCase()));
  if (grid.length > 1 && heads.filter((at) => at >= 0).length > 1) return { columns: heads, values: grid.slice(1) };
  const width = Math.max(...grid.map((line) => line.length));
  let last = start;
  const columns = [];
  for (let at = 0; at < width; at += 1) {
    const given = grid.map((line) => line[at] || "").filter(Boolean);
    const figures = given.length > 0 && given.every(isFigure);
    const fits = (field, place) => place >= last && (field.inputMode === "decimal") === figures;
    const place = at === 0 ? start : fields.findIndex(fits);
    columns.push(place);
    if (place >= 0) last = place + 1;
  }
  return { columns, values: grid };
}
