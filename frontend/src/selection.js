// Rows of a list: choosing several, moving with J and K, opening, and the peek panel.
import htmx from "htmx.org";
import { $, $$, on, typing } from "./page.js";
import { shortcut } from "./shortcuts.js";

const table = () => $("table[data-rows]");
const rows = () => $$("tbody tr[data-id]", table() || document.createElement("table"));
const boxes = () => $$("input[data-pick]", table() || document.createElement("table"));

// The query of the list when not only the rows of this page were picked, but all it holds.
let everything = "";

function show() {
  const chosen = boxes().filter((box) => box.checked);
  for (const box of boxes()) box.closest("tr").setAttribute("aria-selected", String(box.checked));
  const all = $("input[data-pick-all]");
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === boxes().length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  const picked = $("[data-picked]");
  if (!picked) return;
  picked.hidden = chosen.length === 0;
  $("[data-not-picked]")?.toggleAttribute("hidden", chosen.length > 0);
  const number = $("[data-picked-count]", picked);
  if (number) number.textContent = chosen.length;
  const whole = $("[data-pick-everything]", picked);
  const allHere = chosen.length > 0 && chosen.length === boxes().length;
  if (!allHere) everything = "";
  if (whole) whole.hidden = everything !== "" || (allHere && !whole.dataset.pickEverything);
  if (number && everything) number.textContent = whole.dataset.all;
  for (const field of $$("input[data-everything]")) field.value = everything;
  for (const field of $$("input[data-picked-ids]")) field.value = chosen.map((box) => box.value).join(",");
}

let last = null;
on("click", "input[data-pick]", (event, box) => {
  if (event.shiftKey && last && last !== box) {
    const every = boxes();
    const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
    for (const between of every.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
  show();
});
on("change", "input[data-pick]", show);
on("change", "input[data-pick-all]", (event, all) => {
  for (const box of boxes()) box.checked = all.checked;
  show();
});
on("click", "[data-pick-everything]", (event, button) => {
  for (const box of boxes()) box.checked = true;
  everything = button.dataset.pickEverything;
  show();
});
on("click", "[data-unpick]", () => {
  for (const box of boxes()) box.checked = false;
  show();
});
document.addEventListener("htmx:afterSettle", show);
addEventListener("pageshow", show);

function at(row) {
  current()?.classList.remove("at");
  row.classList.add("at");
}

// The peek panel of a row stands beside the list; on a phone it comes up from below.
const isPhone = () => matchMedia("(max-width: 800px)").matches;
/** Shows it for this row, which becomes the one that is walked from. */
export function peek(row) {
  if (row) at(row);
  const link = row && $("a.open", row);
  if (!link) return;
  wanted = true;
  // The open panel is a step of the history: Back closes it, and coming back from a record finds it open.
  history[history.state?.peek ? "replaceState" : "pushState"]({ ...history.state, peek: row.dataset.id }, "");
  htmx.ajax("GET", `${link.getAttribute("href")}peek/`, { source: "#peek", target: "#peek", swap: "innerHTML" });
}
let wanted = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id === "peek" && !wanted) event.detail.shouldSwap = false;
});
function closePeek() {
  hidePeek();
  if (history.state?.peek) history.back();
}
function hidePeek() {
  const panel = $("#peek");
  wanted = false;
  const inside = panel.contains(document.activeElement);
  panel.replaceChildren();
  panel.hidden = true;
  if (inside || isPhone()) (($("a.open", current() || document.createElement("i"))) || $("#main"))?.focus({ preventScroll: true });
}

const held = () => rows().find((row) => row.dataset.id === history.state?.peek);
addEventListener("popstate", () => {
  if (held()) peek(held());
  else if ($("#peek")) hidePeek();
});

const current = () => rows().find((row) => row.classList.contains("at"));
function go(row, focus = true) {
  if (!row) return;
  at(row);
  row.scrollIntoView({ block: "nearest" });
  if (focus) ($("a.open", row) || $("a", row))?.focus({ preventScroll: true });
  if ($("#peek:not(:empty)")) peek(row);
}
const beside = (step) => {
  const every = rows();
  const place = every.indexOf(current()) + step;
  return every[Math.max(0, Math.min(place, every.length - 1))];
};

/** A handler for the row that is walked to; without a list the key is not taken. */
const onRow = (act) => () => (table() ? act(current()) : false);
shortcut("next_row", onRow(() => go(beside(1))));
shortcut("previous_row", onRow(() => go(beside(-1))));
shortcut("pick_row", onRow((row) => {
  const box = row && $("input[data-pick]", row);
  if (!box) return false;
  box.checked = !box.checked;
  show();
}));
shortcut("peek_row", onRow((row) => (row ? peek(row) : false)));
shortcut("open_row", onRow((row) => (row ? $("a.open", row)?.click() : false)));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || $("dialog[open]") || typing(event.target) || !$("#peek:not(:empty)")) return;
  closePeek();
});

// A click beside the links of a row opens the peek panel; a link does what links do. On a cell that may be written the panel waits, since
// a second click would find other columns under the pointer.
const DOUBLE = 320;
let waiting;
on("click", "table[data-rows] tbody tr[data-id]", (event, row) => {
  clearTimeout(waiting);
  if (event.target.closest("a, button, input, label, summary") || getSelection()?.toString()) return;
  if (isPhone()) return $("a.open", row)?.click();
  if (!event.target.closest("td[data-edit]") || $("#peek:not(:empty)")) return peek(row);
  at(row);
  if (event.detail < 2) waiting = setTimeout(() => !$("#cell-edit") && peek(row), DOUBLE);
});
/** Before a cell is written by a double click, however slow: what its first click opened closes, and so does what would cover the cell. */
export function uncover(cell, before) {
  clearTimeout(waiting);
  if (!before) closePeek();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  const panel = $("#peek");
  if (!panel.hidden && panel.getBoundingClientRect().left < cell.getBoundingClientRect().right) closePeek();
}
on("click", "[data-close-peek]", closePeek);
on("click", "[data-peek-step]", (event, button) => go(beside(Number(button.dataset.peekStep)), false));
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "peek") return;
  event.target.hidden = false;
  const every = rows();
  const place = every.indexOf(current());
  for (const button of $$("[data-peek-step]", event.target)) button.disabled = !every[place + Number(button.dataset.peekStep)];
  if (isPhone()) event.target.focus({ preventScroll: true });
});
document.addEventListener("guanxi:row", (event) => {
  const shown = $("#peek [data-id]");
  const row = rows().find((one) => one.dataset.id === event.detail.id);
  if (shown?.dataset.id === event.detail.id && !event.detail.fromPeek && row) peek(row);
});

on("click", "[data-bulk-sheet]", (event, button) => {
  const url = new URL(button.dataset.bulkSheet, location.href);
  url.searchParams.set("query", location.search);
  if (everything) url.searchParams.set("everything", everything);
  else url.searchParams.set("ids", boxes().filter((box) => box.checked).map((box) => box.value).join(","));
  document.dispatchEvent(new CustomEvent("guanxi:open", { detail: { url: url.href } }));
});
if (held()) peek(held());
