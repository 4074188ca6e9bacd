// Ctrl K: finds any record, and any page or action. `@customers hua` looks in one kind of record; `>` shows actions only.
import { $, $$, element, icon, json, later, marked, on, ownAddress, say, set } from "./page.js";
import { shortcut } from "./shortcuts.js";

const REMEMBERED = 8;
const FEW = 5;
const dialog = $("#palette");
const input = dialog && $("input", dialog);
let options = [];
let at = 0;
let turn = 0;
let asked = null;
let waiting = false;
// Enter pressed before the answer is here: the first of what comes is taken, not what stood there before.
let eager = null;
let known = { places: [], new: [], imports: [], scopes: [], recent: [] };

// ---- where one was: addresses only, for this member of this account set -------------------------------------------------

const memory = `recent:${set}:${dialog?.dataset.member}`;
function visited() {
  try {
    return JSON.parse(localStorage.getItem(memory) || "[]");
  } catch {
    return [];
  }
}
const here = location.pathname.match(new RegExp(`^/${set}/(.+/\\d+)/$`))?.[1];
if (dialog && here && $("#record"))
  try {
    localStorage.setItem(memory, JSON.stringify([here, ...visited().filter((one) => one !== here)].slice(0, REMEMBERED + 1)));
  } catch {
    // Storage is switched off: nothing is remembered.
  }

// ---- what there is to choose from -----------------------------------------------------------------------------------------

const text = (node) => (node.dataset.palette || node.textContent).replace(/\s+/g, " ").trim();
const iconOf = (node) => $("use", node)?.getAttribute("href")?.split("#")[1];

/** What can be done on this page. The buttons themselves are pressed, so rights and confirmations are those of the page. */
function actions() {
  const found = new Map();
  for (const node of [...$$("#main .acts :is(a, button), #main [data-command], #main .composer .kinds label, #main .bar a.btn"), ...$$(".views .menu-item"), ...$$("[data-user-menu] :is([data-palette], [data-theme-set])")]) {
    const label = node.dataset.themeSet ? `${say("colours")}: ${text(node)}` : text(node);
    if (label && !found.has(label)) found.set(label, { group: say(node.closest("[data-user-menu]") ? "settings" : node.closest(".views .menu-list") ? "views" : "on_this_page"), label, icon: iconOf(node) || "arrow-right", keys: node.dataset.paletteKeys, node });
  }
  return [...found.values()];
}

const grouped = (name, list) => list.map((one) => ({ ...one, group: say(name) }));

function fits(option, typed) {
  const words = `${option.label} ${option.keys || ""}`.toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((part) => words.includes(part));
}

/** Whether it is just this that was typed: a list by its name, something that can be done by its words. */
const meant = (option, typed) => option.names?.includes(typed) || option.label.toLowerCase().replace(/…$/, "") === typed;

/** What was meant comes first of all, then `records` that were found, then what else there is. */
function ordered(records, typed) {
  const found = local(typed);
  const wanted = typed.trim().toLowerCase();
  const first = found.filter((option) => wanted && meant(option, wanted));
  return [...first, ...records, ...found.filter((option) => !first.includes(option))];
}

/** The scope that `@word …` names, and what is looked for in it. */
function scoped(typed) {
  if (!typed.startsWith("@")) return { scope: null, rest: typed };
  const [word, ...rest] = typed.slice(1).split(/\s+/);
  const scope = rest.length ? known.scopes.find((one) => one.path === word || one.keys.split(" ").some((key) => key.startsWith(word.toLowerCase()))) : null;
  return { scope, rest: rest.join(" ") };
}

/** Switching views and settings is what one comes here for least. */
const last = (list) => ["views", "settings"].reduce((found, name) => found.sort((a, b) => (a.group === say(name)) - (b.group === say(name))), list);

/** What is known without asking the server. */
function local(typed) {
  if (typed.startsWith("@") && !scoped(typed).scope)
    return grouped("look_in", known.scopes.filter((one) => fits(one, typed.slice(1))).map((one) => ({ ...one, insert: `@${one.label.replace(/\s+/g, "")} `, path: one.path })));
  if (typed.startsWith("@")) return [];
  const only = typed.startsWith(">");
  const wanted = only ? typed.slice(1).trim() : typed;
  const here = actions();
  if (only) return wanted ? here.filter((option) => fits(option, wanted)) : here;
  const made = grouped("make_new", known.new);
  const places = grouped("go_to", known.places);
  if (wanted) return last([...here, ...made, ...places, ...grouped("bring_in", known.imports)]).filter((option) => fits(option, wanted));
  const recent = grouped("recent", known.recent.filter((one) => !location.href.endsWith(one.url)).slice(0, FEW));
  return last([...recent, ...places, ...made.filter((one) => !one.more), ...here]);
}

// ---- showing and choosing -------------------------------------------------------------------------------------------------

function draw(list, typed, waiting) {
  options = list;
  const part = scoped(typed.replace(/^>\s*/, "")).rest;
  const rows = [];
  let group = null;
  list.forEach((option, index) => {
    if (option.group !== group) {
      group = option.group;
      rows.push(element("div", { class: "group", role: "presentation" }, group));
    }
    rows.push(
      element(
        "div",
        { role: "option", id: `palette-${index}`, "data-at": index, "aria-selected": "false" },
        icon(option.icon || "file"),
        element("span", { class: "name" }, ...marked(option.label, part)),
        option.detail ? element("span", { class: "detail" }, ...marked(option.detail, part)) : null,
      ),
    );
  });
  if (!list.length && !waiting) rows.push(element("div", { class: "empty slim" }, say("nothing_found", { q: part })));
  $(".palette-list", dialog).replaceChildren(...rows);
  $(".palette-count", dialog).textContent = waiting ? "" : say("found_n", { n: list.length });
  mark(0);
}

function mark(index) {
  at = Math.max(0, Math.min(index, options.length - 1));
  input.removeAttribute("aria-activedescendant");
  for (const row of $$("[role=option]", dialog)) {
    const chosen = Number(row.dataset.at) === at;
    row.setAttribute("aria-selected", String(chosen));
    if (!chosen) continue;
    (at === 0 ? row.previousElementSibling : row)?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row.id);
  }
}

async function ask(typed) {
  const mine = ++turn;
  asked?.abort();
  asked = new AbortController();
  const { scope, rest } = scoped(typed);
  const inside = scope ? `&in=${encodeURIComponent(scope.path)}` : "";
  try {
    const answer = await json(`/${set}/search/?q=${encodeURIComponent(rest)}${inside}`, { signal: asked.signal });
    if (mine !== turn) return;
    waiting = false;
    const records = answer.groups.flatMap((group) => group.items.map((item) => ({ ...item, group: group.label, icon: item.icon || group.icon })));
    draw(ordered(records, typed), typed);
    if (eager) run(options[0], eager.aside);
  } catch {
    if (mine !== turn) return;
    waiting = false;
    draw(ordered([], typed), typed);
  }
}
const askSoon = later(60, ask);

function changed() {
  const typed = input.value.trimStart();
  const { scope, rest } = scoped(typed);
  const asks = set && rest.trim() && !typed.startsWith(">") && (scope || !typed.startsWith("@"));
  askSoon.cancel();
  waiting = Boolean(asks);
  eager = null;
  if (!asks) {
    turn += 1;
    return draw(ordered([], typed), typed);
  }
  // While the server is asked, what was found before stays, unless the page itself knows something.
  const found = ordered([], typed);
  if (found.length) draw(found, typed, true);
  askSoon(typed);
}

function run(option, aside) {
  if (!option) return;
  if (option.insert) {
    input.value = option.insert;
    input.focus();
    return changed();
  }
  eager = null;
  dialog.close();
  if (option.node) {
    const menu = option.node.closest("details");
    if (menu && option.node.tagName === "SUMMARY") {
      menu.open = true;
      option.node.focus();
    } else option.node.click();
    if (option.node.tagName === "LABEL") $("textarea", option.node.closest("form")).focus();
    return;
  }
  const address = ownAddress(option.url);
  if (!address) return;
  if (aside) window.open(address, "_blank", "noopener");
  else location.assign(address);
}

export function openPalette(begin = "") {
  if (!dialog || dialog.open) return;
  input.value = begin;
  dialog.showModal();
  input.focus();
  const asks = set && !known.places.length;
  // What matters most comes from the server: the list does not turn over under the hand.
  draw(asks && !begin ? [] : local(begin), begin, true);
  if (!asks) return;
  const recent = visited().filter((one) => one !== here).slice(0, REMEMBERED).join(",");
  json(`/${set}/search/places/?recent=${encodeURIComponent(recent)}`)
    .then((answer) => {
      known = answer;
      if (dialog.open && !input.value.trim()) draw(local(""), "");
      else if (dialog.open) changed();
    })
    .catch(() => dialog.open && !input.value && draw(local(""), ""));
}

if (dialog) {
  input.addEventListener("input", (event) => {
    if (!event.isComposing) changed();
  });
  input.addEventListener("compositionend", changed);
  input.addEventListener("keydown", (event) => {
    const page = 6;
    const goal = { ArrowDown: at + 1 >= options.length ? 0 : at + 1, ArrowUp: at === 0 ? options.length - 1 : at - 1, PageDown: at + page, PageUp: at - page }[event.key];
    if (goal !== undefined) mark(goal);
    else if (event.key === "Enter" && waiting) eager = { aside: event.ctrlKey || event.metaKey };
    else if (event.key === "Enter") run(options[at], event.ctrlKey || event.metaKey);
    else if (event.key === "Tab" && !event.shiftKey && options[at]?.insert) run(options[at]);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) run(options[Number(row.dataset.at)], event.ctrlKey || event.metaKey);
    else if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("mousemove", (event) => {
    const row = event.target.closest("[role=option]");
    if (row && Number(row.dataset.at) !== at) mark(Number(row.dataset.at));
  });
  on("click", "[data-open-palette]", (event, button) => openPalette(button.dataset.openPalette));
  shortcut("palette", () => openPalette());
  shortcut("actions", () => openPalette(">"));
}
