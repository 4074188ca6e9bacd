// Single keys work when nothing is being typed; an element says its key with data-key.
import { $, $$, typing } from "./page.js";
import { openPalette } from "./palette.js";

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    $("#keys")?.showModal();
    return;
  }
  const key = event.key.toLowerCase();
  const found = $$("[data-key]").find((node) => node.dataset.key === key && node.offsetParent);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input, textarea")) {
    found.focus();
    found.select?.();
  } else found.click();
});
