// Values changed where they stand, in a list or in the peek panel: double click, arrows and Enter, or the pencil; Enter saves, Esc leaves,
// Tab saves and goes on. What was refused, or changed by somebody else meanwhile, stays open with what was typed.
import htmx from "htmx.org";
import { $, $$, on } from "./page.js";
import { uncover } from "./selection.js";
import { pressed } from "./shortcuts.js";

const table = () => $("table[data-rows]");
const form = () => $("#cell-edit");
const placeOf = (cell) => cell.closest("#peek") || table();
const idOf = (cell) => cell.closest("[data-id]").dataset.id;
let next = null;

const cellAt = (place, id, name) => $(`[data-id="${id}"] [data-edit="${CSS.escape(name)}"]`, place);
const beside = (cell, step) => {
  const all = $$("[data-edit]", placeOf(cell));
  return all[all.indexOf(cell) + step] || null;
};
const stand = (cell) => {
  if (!cell) return;
  const button = $("[data-edit-here]", cell);
  if (!button) cell.tabIndex = -1;
  (button || cell).focus();
};
const said = () => new URLSearchParams(new FormData(form())).toString();

async function begin(cell) {
  const row = cell?.closest("[data-id]");
  const base = row && (row.dataset.address || $("a.open", row)?.getAttribute("href"));
  if (!base) return;
  if (form()) cancel();
  cell.before_edit = [...cell.childNodes];
  cell.classList.add("edited");
  await htmx.ajax("GET", `${base}cell/${cell.dataset.edit}/${row.dataset.address ? "?place=peek" : ""}`, { source: cell, target: cell, swap: "innerHTML" });
  if (!form()) restore(cell);
}

// Before anything can be typed: what it began with, and that it is sent by htmx.
document.addEventListener("htmx:afterSwap", () => {
  const fresh = form();
  if (!fresh || fresh.asked !== undefined) return;
  htmx.process(fresh);
  fresh.asked = said();
  const field = $("input:not([type=hidden]), select, textarea", fresh);
  field?.focus();
  if (field?.select && field.type !== "checkbox") field.select();
});

function restore(cell) {
  if (!cell?.before_edit) return;
  cell.replaceChildren(...cell.before_edit);
  cell.classList.remove("edited");
  delete cell.before_edit;
}

function cancel() {
  const cell = form()?.closest("[data-edit]");
  next = null;
  restore(cell);
  return cell;
}

function save(goal) {
  const cell = form().closest("[data-edit]");
  const isBusy = form().dataset.busy !== undefined;
  if (!isBusy && said() === form().asked && form().dataset.refused === undefined) {
    cancel();
    return goal ? (goal === cell ? stand(cell) : begin(goal)) : undefined;
  }
  next = goal && { place: placeOf(cell).id, id: idOf(goal), name: goal.dataset.edit, again: goal !== cell };
  if (!isBusy) form().requestSubmit();
}

// Meant is the cell under the first of the two clicks: between them columns may move, and a row may come anew.
let meant = null;
document.addEventListener("click", (event) => {
  if (event.detail > 1) return;
  const cell = event.target.closest("a, button, input, label, #cell-edit") ? null : event.target.closest("td[data-edit]");
  meant = cell && { id: idOf(cell), name: cell.dataset.edit, beside: Boolean($("#peek:not(:empty)")) };
}, true);
document.addEventListener("dblclick", (event) => {
  const cell = meant && !event.target.closest("#cell-edit") && cellAt(table(), meant.id, meant.name);
  if (!cell) return;
  getSelection()?.removeAllRanges();
  uncover(cell, meant.beside);
  if (form()) save(cell);
  else begin(cell);
});
on("click", "[data-edit-here]", (event, button) => begin(button.closest("[data-edit]")));

// The row comes anew: what was picked and where one was stays.
let kept = null;
on("submit", "#cell-edit", (event, sent) => {
  sent.elements.state.value = location.search;
  const row = cellRow(idOf(sent));
  kept = row && { id: row.dataset.id, at: row.classList.contains("at"), picked: $("input[data-pick]", row)?.checked };
}, true);
const cellRow = (id) => $(`tr[data-id="${id}"]`, table());

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.altKey) return;
  const edited = event.target.closest?.("#cell-edit");
  if (edited) {
    const cell = edited.closest("[data-edit]");
    const saves = event.target.matches("textarea") ? pressed(event, "save") : pressed(event, "save_cell") && !event.target.matches("button");
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      stand(cancel());
    } else if (pressed(event, "next_cell") && !event.target.matches("button") && edited.dataset.refused === undefined) {
      const goal = beside(cell, event.shiftKey ? -1 : 1);
      event.preventDefault();
      save(goal || cell);
    } else if (saves) {
      event.preventDefault();
      save(cell);
    }
    return;
  }
  if (event.ctrlKey) return;
  const cell = event.target.closest?.("td[data-edit]");
  if (cell && event.target === cell) {
    const row = cell.parentElement;
    const other = { ArrowUp: row.previousElementSibling, ArrowDown: row.nextElementSibling }[event.key];
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const goal = step ? beside(cell, step) : other && cellAt(table(), other.dataset.id, cell.dataset.edit);
    if (pressed(event, "edit_cell")) {
      event.preventDefault();
      begin(cell);
    } else if (event.key === "Escape") {
      $("a.open", row)?.focus();
    } else if (goal) {
      event.preventDefault();
      stand(goal);
    }
    return;
  }
  // From the row that J and K reached, the right arrow enters its cells.
  const row = table() && $("tbody tr.at", table());
  if (pressed(event, "cells") && row && row.contains(event.target)) {
    event.preventDefault();
    stand($("td[data-edit]", row));
  }
});

// A reference is chosen, and that was it.
on("guanxi:chosen", "#cell-edit [data-combo]:not([data-many])", (event) => {
  const chosen = event.detail && form();
  if (chosen) setTimeout(() => form() === chosen && save(chosen.closest("[data-edit]")));
});

document.addEventListener("focusout", (event) => {
  const left = event.target.closest?.("#cell-edit");
  if (!left || left.dataset.refused !== undefined) return;
  // Lists of choices and dialogs stand outside the form; what is chosen there comes back into it.
  setTimeout(() => {
    const elsewhere = form() !== left || left.contains(document.activeElement) || !document.hasFocus();
    if (elsewhere || $(".combo-list, dialog[open]") || left.dataset.busy !== undefined) return;
    save(null);
  }, 150);
});

document.addEventListener("htmx:afterSettle", () => {
  if (form()) return;
  const row = kept && cellRow(kept.id);
  if (row) {
    row.classList.toggle("at", kept.at);
    const box = $("input[data-pick]", row);
    if (box && kept.picked) {
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
    document.dispatchEvent(new CustomEvent("guanxi:row", { detail: { id: kept.id, fromPeek: next ? next.place === "peek" : false } }));
    kept = null;
  }
  if (!next) return;
  const { place, id, name, again } = next;
  const cell = cellAt(place === "peek" ? $("#peek") : table(), id, name);
  next = null;
  if (again) begin(cell);
  else stand(cell);
});
