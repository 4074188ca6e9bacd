// Rows of a list: choosing several, moving with J and K, opening, and the peek panel.
import htmx from "htmx.org";
import { $, $$, on, typing } from "./page.js";

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
  if (whole) whole.hidden = !allHere || everything !== "";
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
  everything = button.dataset.pickEverything;
  show();
});
on("click", "[data-unpick]", () => {
  for (const box of boxes()) box.checked = false;
  show();
});
document.addEventListener("htmx:afterSettle", show);
addEventListener("pageshow", show);

// The peek panel of a row stands beside the list; on a phone it comes up from below, by a long press.
const isPhone = () => matchMedia("(max-width: 800px)").matches;
function peek(row) {
  const link = row && $("a.open", row);
  if (link) htmx.ajax("GET", `${link.getAttribute("href")}peek/`, { source: "#peek", target: "#peek", swap: "innerHTML" });
}
function closePeek() {
  const panel = $("#peek");
  const inside = panel.contains(document.activeElement);
  panel.replaceChildren();
  panel.hidden = true;
  if (inside || isPhone()) (($("a.open", current() || document.createElement("i"))) || $("#main"))?.focus({ preventScroll: true });
}

const current = () => rows().find((row) => row.classList.contains("at"));
function at(row) {
  current()?.classList.remove("at");
  row.classList.add("at");
}
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

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if ($("dialog[open]") || !table()) return;
  const row = current();
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    go(beside(event.key === "j" ? 1 : -1));
  } else if (event.key === "x" && row) {
    const box = $("input[data-pick]", row);
    if (box) {
      box.checked = !box.checked;
      show();
    }
  } else if (event.key === "p" && row) {
    peek(row);
  } else if (event.key === "o" && row) {
    $("a.open", row)?.click();
  } else if (event.key === "Escape" && $("#peek:not(:empty)")) {
    closePeek();
  }
});

// A click beside the links of a row opens the peek panel; a link does what links do.
on("click", "table[data-rows] tbody tr[data-id]", (event, row) => {
  if (event.target.closest("a, button, input, label, summary") || getSelection()?.toString()) return;
  at(row);
  if (isPhone()) $("a.open", row)?.click();
  else peek(row);
});
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

// A long press; a finger that moves scrolls.
let pressed = null;
const release = () => clearTimeout(pressed);
on("pointerdown", "table[data-rows] tbody tr[data-id]", (event, row) => {
  release();
  if (event.pointerType !== "touch" || event.target.closest("input")) return;
  pressed = setTimeout(() => {
    at(row);
    peek(row);
    row.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
  }, 500);
});
for (const type of ["pointerup", "pointercancel", "pointermove", "scroll"]) document.addEventListener(type, release, { passive: true, capture: true });
on("contextmenu", "table[data-rows] tbody tr[data-id]", (event) => isPhone() && event.preventDefault());

on("click", "[data-bulk-sheet]", (event, button) => {
  const url = new URL(button.dataset.bulkSheet, location.href);
  url.searchParams.set("query", location.search);
  if (everything) url.searchParams.set("everything", everything);
  else url.searchParams.set("ids", boxes().filter((box) => box.checked).map((box) => box.value).join(","));
  document.dispatchEvent(new CustomEvent("guanxi:open", { detail: { url: url.href } }));
});
