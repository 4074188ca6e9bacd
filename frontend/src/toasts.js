// Short messages at the edge of the page; they never cover what is being typed and never take the focus.
import { $, element, icon, on, ownAddress, say, typing } from "./page.js";
import { shortcut } from "./shortcuts.js";

const SHOWN_FOR = { good: 5000, undo: 10000, bad: 12000 };
const LONG = 100;

function watch(item) {
  if (item.dataset.stay !== undefined) return;
  const wait = item.classList.contains("bad") ? SHOWN_FOR.bad : $("[data-undo]", item) ? SHOWN_FOR.undo : SHOWN_FOR.good;
  let timer = setTimeout(() => item.remove(), wait);
  item.addEventListener("mouseenter", () => clearTimeout(timer));
  item.addEventListener("mouseleave", () => (timer = setTimeout(() => item.remove(), 2500)));
}

export function toast(text, tone = "good", url = null, undo = null) {
  const place = $("#toasts");
  if (!place) return;
  for (const shown of place.children) if (shown.dataset.text === text) shown.remove();
  const address = url && ownAddress(url);
  const item = element(
    "div",
    { class: `toast ${tone}`, "data-text": text },
    icon(tone === "bad" ? "alert-triangle" : "check"),
    element("span", { title: text.length > LONG ? text : null }, text),
    address ? element("a", { href: address }, say("open")) : null,
    undo && ownAddress(undo) ? element("button", { type: "button", class: "undo", "data-undo": undo }, say("undo")) : null,
    element("button", { type: "button", "aria-label": say("close"), "data-close-toast": true }, icon("x", "s")),
  );
  place.append(item);
  watch(item);
}

// The act is taken back and the page comes anew, as it was before.
on("click", "[data-undo]", (event, button) => {
  const form = element(
    "form",
    { method: "post", action: button.dataset.undo, hidden: true },
    element("input", { name: "csrfmiddlewaretoken", value: document.body.dataset.csrf }),
    element("input", { name: "key", value: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}` }),
    element("input", { name: "back", value: location.pathname + location.search }),
  );
  document.body.append(form);
  form.submit();
});

// Right after, where nothing is being typed, the usual key does the same.
shortcut("undo", (event) => {
  const last = [...document.querySelectorAll("#toasts [data-undo]")].at(-1);
  if (!last || typing(event.target) || $("dialog[open]")) return false;
  last.click();
});

on("click", "[data-close-toast]", (event, button) => button.closest(".toast").remove());
for (const item of document.querySelectorAll("#toasts .toast")) watch(item);
