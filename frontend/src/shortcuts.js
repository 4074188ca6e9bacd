// Keys and what they do. Which keys there are is said once, in guanxi/web/shortcuts.py: the sheet on every page is drawn from it and read here.
import { $, $$, ownAddress, typing } from "./page.js";

const IN_TURN = 1500;
const mac = /Mac|iPhone|iPad/.test(navigator.platform);

const declared = $$("#keys [data-shortcut]").flatMap((node) =>
  node.dataset.ways.toLowerCase().split("|").map((way) => ({ name: node.dataset.shortcut, way, url: node.dataset.url })),
);
const handlers = new Map();

// While an input method composes, its keys are its own: nobody on the page hears them. Some browsers say so by the code 229 only.
addEventListener(
  "keydown",
  (event) => {
    if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
  },
  true,
);

const wayOf = (event) => (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "") + event.key.toLowerCase();

/** Whether the event is the key declared under this name. */
export const pressed = (event, name) => {
  const way = wayOf(event);
  return declared.some((one) => one.name === name && one.way === way);
};

/** What a declared key does; a handler that returns false has not taken it. Keys with Ctrl work while typing too. */
export function shortcut(name, handler) {
  handlers.set(name, handler);
}

/** The visible thing of the page that says it has this key. */
function pressHere(key) {
  const found = $$("[data-key]").find((node) => node.dataset.key === key && node.offsetParent);
  if (!found) return false;
  if (found.matches("input, textarea")) {
    found.focus();
    found.select?.();
  } else found.click();
  return true;
}

let before = "";
let forget;
function begin(way) {
  before = way;
  document.documentElement.dataset.keys = way;
  clearTimeout(forget);
  forget = setTimeout(end, IN_TURN);
}
function end() {
  clearTimeout(forget);
  before = "";
  delete document.documentElement.dataset.keys;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const held = event.ctrlKey || event.metaKey || event.altKey;
  if (!held && (typing(event.target) || $("dialog[open]"))) return;
  const way = (before ? `${before} ` : "") + wayOf(event);
  const found = declared.filter((one) => one.way === way);
  if (!before && !held && declared.some((one) => one.way.startsWith(`${way} `))) return begin(way);
  if (before) end();
  for (const one of found) {
    const taken = one.url ? (location.assign(ownAddress(one.url)), true) : one.name === "here" ? pressHere(way) : handlers.has(one.name) && handlers.get(one.name)(event) !== false;
    if (!taken) continue;
    event.preventDefault();
    return;
  }
});

shortcut("keys", () => $("#keys").showModal());
shortcut("up", () => {
  const links = $$(".crumbs a");
  if (!links.length) return false;
  links.at(-1).click();
});

if (mac) for (const key of $$("kbd")) if (key.textContent.startsWith("Ctrl")) key.textContent = key.textContent.replace("Ctrl", "⌘");
