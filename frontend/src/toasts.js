// Short messages at the edge of the page; they never cover what is being typed and never take the focus.
import { $, element, icon, on, ownAddress, say } from "./page.js";

const SHOWN_FOR = { good: 5000, bad: 12000 };

function watch(item) {
  if (item.dataset.stay !== undefined) return;
  const wait = item.classList.contains("bad") ? SHOWN_FOR.bad : SHOWN_FOR.good;
  let timer = setTimeout(() => item.remove(), wait);
  item.addEventListener("mouseenter", () => clearTimeout(timer));
  item.addEventListener("mouseleave", () => (timer = setTimeout(() => item.remove(), 2500)));
}

export function toast(text, tone = "good", url = null) {
  const place = $("#toasts");
  if (!place) return;
  for (const shown of place.children) if (shown.dataset.text === text) shown.remove();
  const address = url && ownAddress(url);
  const item = element(
    "div",
    { class: `toast ${tone}`, "data-text": text },
    icon(tone === "bad" ? "alert-triangle" : "check"),
    element("span", {}, text, address ? " " : null, address ? element("a", { href: address }, say("open")) : null),
    element("button", { type: "button", "aria-label": say("close"), "data-close-toast": true }, icon("x", "s")),
  );
  place.append(item);
  watch(item);
}

on("click", "[data-close-toast]", (event, button) => button.closest(".toast").remove());
for (const item of document.querySelectorAll("#toasts .toast")) watch(item);
