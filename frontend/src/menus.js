// Menus are <details class="menu">: this adds closing from outside, arrow keys, the drawer of the phone, and the theme.
import htmx from "htmx.org";
import { $, $$, json, on, set } from "./page.js";

const isOpen = () => $$("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of isOpen()) {
    // What darkens the page behind a sheet belongs to the menu itself.
    const inside = menu !== event.target && menu.contains(event.target);
    const chosen = inside && event.target.closest(".menu-item, [data-sheet]") && !event.target.closest("[data-stay]");
    if (!inside || chosen) menu.open = false;
  }
});

/** What would reach beyond the right edge hangs from the right end of its button. */
function turn(menu, list) {
  if (list.getBoundingClientRect().right > innerWidth - 4) menu.classList.add("end");
}
/** What is typed goes into the search of the menu, unless that would open a keyboard over it. */
function enter(list) {
  const first = $("[autofocus]", list) || (matchMedia("(hover: hover)").matches && $("[data-narrow]", list));
  if (first) first.focus({ preventScroll: true });
}
document.addEventListener("htmx:afterSettle", (event) => {
  const menu = event.target.matches?.(".menu-list") && event.target.closest("details.menu[open]");
  if (!menu) return;
  turn(menu, event.target);
  enter(event.target);
});

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof Element) || !menu.matches("details.menu") || !menu.open) return;
  for (const other of isOpen()) if (other !== menu && !other.contains(menu)) other.open = false;
  const list = $(".menu-list", menu);
  if (!list) return;
  if (menu.dataset.lazy && !menu.dataset.loaded) {
    menu.dataset.loaded = "yes";
    htmx.ajax("GET", menu.dataset.lazy, { target: list, swap: "innerHTML" }).catch(() => delete menu.dataset.loaded);
  }
  turn(menu, list);
  enter(list);
}, true);

document.addEventListener("keydown", (event) => {
  const menu = isOpen().at(-1);
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    $("summary", menu).focus();
    event.stopPropagation();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.target.matches?.("input:not([data-narrow]), textarea, select")) return;
  const items = $$(".menu-item, .choice input", menu).filter((item) => item.offsetParent);
  if (!items.length) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement);
  items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length].focus();
});

/** A button elsewhere that opens a menu, where the menu's own one is not shown. */
on("click", "[data-opens]", (event, button) => {
  const menu = document.getElementById(button.dataset.opens);
  menu.open = true;
  setTimeout(() => $(".menu-item", menu)?.focus());
});

on("click", "[data-drawer]", (event, button) => {
  const side = $(".side");
  const open = side.classList.toggle("open");
  for (const other of $$("[data-drawer]")) other.setAttribute("aria-expanded", String(open));
  if (open) $("a, summary", side)?.focus();
});

function showTheme() {
  for (const button of $$("[data-theme-set]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === document.documentElement.dataset.themeChoice));
}
on("click", "[data-theme-set]", (event, button) => {
  try {
    localStorage.setItem("theme", button.dataset.themeSet);
  } catch {
    // Storage is switched off: the choice holds for this page only.
  }
  dispatchEvent(new Event("guanxi:theme"));
  showTheme();
});
showTheme();

// Numbers beside the menu: remembered for the session, so that they do not jump in at every page.
const numbers = $$("[data-count-of]");
const showCounts = (counts) => {
  for (const place of numbers) place.textContent = counts[place.dataset.countOf] || "";
};
if (set && numbers.length) {
  const key = `counts:${set}`;
  try {
    showCounts(JSON.parse(sessionStorage.getItem(key) || "{}"));
  } catch {
    // Nothing remembered.
  }
  json(`/${set}/counts/`)
    .then(({ counts }) => {
      showCounts(counts);
      sessionStorage.setItem(key, JSON.stringify(counts));
    })
    .catch(() => {});
}
