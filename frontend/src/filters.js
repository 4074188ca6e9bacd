// The filter popover of a list: choosing a field shows its editor; empty parts stay out of the address.
import { $, $$, on } from "./page.js";

on("click", "[data-filter-name]", (event, button) => {
  const root = button.closest("[data-filters]");
  for (const other of $$("[data-filter-name]", root)) other.setAttribute("aria-pressed", String(other === button));
  for (const editor of $$("[data-filter-editor]", root)) editor.hidden = editor.dataset.filterEditor !== button.dataset.filterName;
  const first = $(`[data-filter-editor="${CSS.escape(button.dataset.filterName)}"] :is(input:not([type=hidden]), select)`, root);
  first?.focus();
});

// Many entries are narrowed by what is typed; choices that are ticked stay. Enter takes the first.
const narrow = (event, field) => {
  if (event.isComposing) return;
  const typed = field.value.trim().toLowerCase();
  for (const entry of field.nextElementSibling.children)
    entry.hidden = Boolean(typed) && !entry.textContent.toLowerCase().includes(typed) && !(entry.matches("label") && $("input:checked", entry));
};
on("input", "[data-narrow]", narrow);
on("compositionend", "[data-narrow]", narrow);
on("keydown", "[data-narrow]", (event, field) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const first = field.value.trim() && [...field.nextElementSibling.children].find((entry) => !entry.hidden);
  if (first) (first.matches("a, button, label") ? first : $("label", first)).click();
});

// One parameter per filter: ranges become `from..to`, several choices become `a,b`.
on("submit", "form[data-filter-form]", (event, form) => {
  event.preventDefault();
  event.stopPropagation();
  const name = form.dataset.filterForm;
  const address = new URL(location.href);
  const data = new FormData(form);
  const period = event.submitter?.dataset.period;
  let value;
  if (event.submitter?.dataset.clearFilter !== undefined) value = "";
  else if (period) value = period;
  else if (data.getAll("value").includes("none")) value = "none";
  else if (data.has("from") || data.has("to")) {
    const [from, to] = [data.get("from") || "", data.get("to") || ""];
    value = from || to ? `${from}..${to}` : "";
  } else value = data.getAll("value").filter(Boolean).join(",");
  if (value) address.searchParams.set(`f.${name}`, value);
  else address.searchParams.delete(`f.${name}`);
  address.searchParams.delete("page");
  location.assign(address);
});

// With Shift a heading sorts in addition to what is sorted by already.
on("click", "th a[data-also]", (event, link) => {
  if (!event.shiftKey) return;
  event.preventDefault();
  location.assign(link.dataset.also);
});

on("submit", "form[data-columns-form]", (event, form) => {
  event.preventDefault();
  const address = new URL(location.href);
  const names = new FormData(form).getAll("column");
  address.searchParams.set("columns", names.join(","));
  location.assign(address);
});
on("click", "[data-move-column]", (event, button) => {
  const row = button.closest("li");
  const near = button.dataset.moveColumn === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (!near) return;
  if (button.dataset.moveColumn === "up") near.before(row);
  else near.after(row);
  button.focus();
});

// A form in which one field is chosen out of many.
on("change", "[data-chooses]", (event, select) => {
  for (const part of $$("[data-when]", select.form)) {
    part.hidden = part.dataset.when !== select.value;
    if (!part.hidden) $("input:not([type=hidden]), select, textarea", part)?.focus();
  }
});
