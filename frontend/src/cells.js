// Values changed where they stand: double click, or arrows and Enter; Enter saves, Esc leaves, Tab saves and goes on.
import htmx from "htmx.org";
import { $, $$, on } from "./page.js";
import { pressed } from "./shortcuts.js";

const table = () => $("table[data-rows]");
const form = () => $("#cell-edit");
let next = null;

const cellAt = (id, name) => $(`tr[data-id="${id}"] > td[data-edit="${CSS.escape(name)}"]`, table());
const beside = (cell, step) => {
  const all = $$("td[data-edit]", table());
  return all[all.indexOf(cell) + step] || null;
};
const stand = (cell) => {
  if (!cell) return;
  cell.tabIndex = -1;
  cell.focus();
};

async function begin(cell) {
  const link = cell && $("a.open", cell.parentElement);
  if (!link) return;
  if (form()) cancel();
  cell.before_edit = [...cell.childNodes];
  cell.classList.add("edited");
  const address = `${link.getAttribute("href")}cell/${cell.dataset.edit}/`;
  await htmx.ajax("GET", address, { target: cell, swap: "innerHTML" });
  if (!form()) return restore(cell);
  const field = $("input:not([type=hidden]), select, textarea", form());
  field?.focus();
  if (field?.select && field.type !== "checkbox") field.select();
  form().asked = new URLSearchParams(new FormData(form())).toString();
}

function restore(cell) {
  if (!cell?.before_edit) return;
  cell.replaceChildren(...cell.before_edit);
  cell.classList.remove("edited");
  delete cell.before_edit;
}

function cancel() {
  const cell = form()?.closest("td");
  restore(cell);
  return cell;
}

const isChanged = () => new URLSearchParams(new FormData(form())).toString() !== form().asked;

function save(goal) {
  const cell = form().closest("td");
  next = goal && { id: goal.parentElement.dataset.id, name: goal.dataset.edit, again: goal !== cell };
  if (!isChanged() && form().dataset.refused === undefined) {
    cancel();
    next = null;
    return goal ? (goal === cell ? stand(cell) : begin(goal)) : undefined;
  }
  form().elements.state.value = location.search;
  form().requestSubmit();
}

on("dblclick", "td[data-edit]", (event, cell) => {
  if (event.target.closest("#cell-edit") || matchMedia("(max-width: 800px)").matches) return;
  getSelection()?.removeAllRanges();
  begin(cell);
});
on("click", "[data-cell-cancel]", () => location.reload());
on("submit", "#cell-edit", (event, sent) => (sent.elements.state.value = location.search));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const edited = event.target.closest?.("#cell-edit");
  if (edited) {
    const cell = edited.closest("td");
    if (event.key === "Escape") {
      event.stopPropagation();
      stand(cancel());
    } else if (pressed(event, "next_cell")) {
      const goal = beside(cell, event.shiftKey ? -1 : 1);
      if (!goal) return;
      event.preventDefault();
      save(goal);
    } else if (pressed(event, "save_cell") && !event.target.matches("textarea, button")) {
      event.preventDefault();
      save(cell);
    }
    return;
  }
  const cell = event.target.closest?.("td[data-edit]");
  if (cell && event.target === cell) {
    const row = cell.parentElement;
    const other = { ArrowUp: row.previousElementSibling, ArrowDown: row.nextElementSibling }[event.key];
    const goal = { ArrowLeft: () => beside(cell, -1), ArrowRight: () => beside(cell, 1) }[event.key]?.() || (other && cellAt(other.dataset.id, cell.dataset.edit));
    if (pressed(event, "edit_cell")) {
      event.preventDefault();
      begin(cell);
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

document.addEventListener("focusout", (event) => {
  const left = event.target.closest?.("#cell-edit");
  if (!left || left.dataset.refused !== undefined) return;
  // Lists of choices stand outside the form; what is clicked there comes back into it.
  setTimeout(() => {
    if (form() !== left || left.contains(document.activeElement) || $(".combo-list") || left.dataset.busy !== undefined) return;
    save(null);
  }, 150);
});

document.addEventListener("htmx:afterSettle", () => {
  if (!next || form()) return;
  const { id, name, again } = next;
  next = null;
  const cell = cellAt(id, name);
  if (again) begin(cell);
  else stand(cell);
});
