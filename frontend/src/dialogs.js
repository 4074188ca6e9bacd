// Dialogs: one native <dialog id="sheet"> that takes parts from the server, and any other by data-dialog.
import htmx from "htmx.org";
import { $, on, say } from "./page.js";
import { isDirty } from "./forms.js";

const sheet = $("#sheet");

/** With values they are sent at once, and the dialog shows only when the answer asks for more. */
function open(address, values) {
  if (!sheet) return location.assign(address);
  sheet.replaceChildren();
  sheet.className = "sheet loading";
  if (!sheet.open && !values) sheet.showModal();
  htmx.ajax(values ? "POST" : "GET", address, { target: "#sheet", swap: "innerHTML", values }).catch(() => sheet.close());
}

on("click", "[data-sheet]", (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link.dataset.sheet || link.href);
});
document.addEventListener("guanxi:open", (event) => open(event.detail.url, event.detail.values));
document.body.addEventListener("guanxi:close-dialog", () => sheet?.close());

on("click", "[data-dialog]", (event, button) => $(`#${CSS.escape(button.dataset.dialog)}`)?.showModal());
on("click", "[data-close-dialog]", (event, button) => {
  event.preventDefault();
  button.closest("dialog")?.close();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!sheet || !sheet.contains(event.target)) return;
  if (!sheet.open && sheet.childElementCount) sheet.showModal();
  sheet.classList.remove("loading");
  sheet.classList.toggle("wide", Boolean($("[data-wide]", sheet)));
  const first = $("[autofocus], .fields input:not([type=hidden]), .fields select, .fields textarea", sheet);
  if (!first || $("[aria-invalid='true']", sheet)) return;
  first.focus();
  // What is proposed is replaced by typing.
  if (first.matches("[role=combobox]")) first.select();
});
document.addEventListener("htmx:responseError", (event) => {
  if (sheet?.open && sheet.childElementCount === 0) sheet.close();
});

// A click on the backdrop closes, unless something would be lost.
for (const dialog of document.querySelectorAll("dialog.sheet")) {
  let pressed = false;
  dialog.addEventListener("pointerdown", (event) => (pressed = event.target === dialog));
  dialog.addEventListener("click", (event) => {
    if (!pressed || event.target !== dialog) return;
    const form = $("form[data-guard]", dialog);
    if (!form || !isDirty(form)) dialog.close();
  });
  dialog.addEventListener("cancel", (event) => {
    const form = $("form[data-guard]", dialog);
    if (form && isDirty(form) && !window.confirm(say("discard"))) event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    if (dialog.id === "sheet") dialog.replaceChildren();
  });
}
