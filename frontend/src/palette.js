// Ctrl K: finds any record on the server, and any page or action of the page in front of you.
import { $, $$, element, icon, json, later, marked, on, ownAddress, say, set } from "./page.js";

const dialog = $("#palette");
let options = [];
let at = 0;
let turn = 0;

const text = (node) => (node.dataset.palette || node.textContent).replace(/\s+/g, " ").trim();
const iconOf = (node) => $("use", node)?.getAttribute("href")?.split("#")[1];

/** What can be done here: operations and links of the page, then the menu. Labels come from the page, so rights are kept. */
function local() {
  const found = [];
  const seen = new Set();
  const add = (group, nodes) => {
    for (const node of nodes) {
      const label = text(node);
      if (!label || seen.has(label)) continue;
      seen.add(label);
      found.push({ group, label, icon: iconOf(node) || "arrow-right", node });
    }
  };
  add(say("on_this_page"), $$("#main [data-command], #main .acts .btn"));
  add(say("make_new"), $$("[data-new-menu] a"));
  add(say("go_to"), $$(".side a.side-item"));
  add(say("settings"), $$("[data-user-menu] .menu-item, [data-user-menu] [data-palette]"));
  return found;
}

function fits(label, typed) {
  const low = label.toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((part) => low.includes(part));
}

function draw(list, typed, waiting) {
  options = list;
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
        element("span", { class: "nowrap" }, ...marked(option.label, typed)),
        option.detail ? element("span", { class: "detail" }, ...marked(option.detail, typed)) : null,
        option.tag ? element("span", { class: "tag push" }, option.tag) : null,
      ),
    );
  });
  if (!list.length && !waiting) rows.push(element("div", { class: "empty slim" }, say("nothing_found", { q: typed })));
  $(".palette-list", dialog).replaceChildren(...rows);
  mark(0);
}

function mark(index) {
  at = Math.max(0, Math.min(index, options.length - 1));
  const input = $("input", dialog);
  input.removeAttribute("aria-activedescendant");
  for (const row of $$("[role=option]", dialog)) {
    const chosen = Number(row.dataset.at) === at;
    row.setAttribute("aria-selected", String(chosen));
    if (chosen) {
      row.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", row.id);
    }
  }
}

const find = later(110, async (typed) => {
  const mine = ++turn;
  const actions = local().filter((option) => fits(option.label, typed));
  if (!set || !typed.trim()) return draw(actions, typed);
  try {
    const answer = await json(`/${set}/search/?q=${encodeURIComponent(typed)}`);
    if (mine !== turn) return;
    const records = answer.groups.flatMap((group) => group.items.map((item) => ({ ...item, group: group.label, icon: item.icon || group.icon })));
    draw([...records, ...actions], typed);
  } catch {
    if (mine === turn) draw(actions, typed);
  }
});

function run(option, aside) {
  if (!option) return;
  dialog.close();
  if (option.node) {
    const menu = option.node.closest("details");
    if (menu && option.node.tagName === "SUMMARY") menu.open = true;
    else option.node.click();
    return;
  }
  const address = ownAddress(option.url);
  if (!address) return;
  if (aside) window.open(address, "_blank", "noopener");
  else location.assign(address);
}

export function openPalette() {
  if (!dialog || dialog.open) return;
  const input = $("input", dialog);
  input.value = "";
  dialog.showModal();
  draw(local(), "");
  input.focus();
}

if (dialog) {
  const input = $("input", dialog);
  const changed = () => {
    const typed = input.value;
    // While the server is asked, what was found before stays, unless the page itself knows something.
    const here = local().filter((option) => fits(option.label, typed));
    if (here.length || !set) draw(here, typed, true);
    find(typed);
  };
  input.addEventListener("input", (event) => {
    if (!event.isComposing) changed();
  });
  input.addEventListener("compositionend", changed);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown") mark(at + 1 >= options.length ? 0 : at + 1);
    else if (event.key === "ArrowUp") mark(at === 0 ? options.length - 1 : at - 1);
    else if (event.key === "Enter") run(options[at], event.ctrlKey || event.metaKey);
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
  on("click", "[data-open-palette]", openPalette);
}
