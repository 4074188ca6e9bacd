// The phone: swiping a row of a list, photographs.
import { $, $$, element, icon, on, say } from "./page.js";
import { peek } from "./selection.js";

on("change", ".camera input[type=file]", (event, field) => {
  const label = $("[data-chosen]", field.parentElement);
  if (label) label.textContent = field.files.length ? [...field.files].map((file) => file.name).join(", ") : label.dataset.chosen;
});

// To the left: what can be done with the row. To the right: the row is picked. What one can swipe one can also do on the record's page.
const FAR = 56;
const STEEP = 1.4;
let from = null;

const put = () => {
  for (const row of $$("tr.swiped")) {
    row.classList.remove("swiped");
    $(".swipe", row)?.remove();
  }
};

function offer(row) {
  put();
  const open = $("a.open", row);
  if (!open) return;
  const call = $("a[href^='tel:']", row);
  const address = open.getAttribute("href");
  const strip = element(
    "td",
    { class: "swipe" },
    call ? element("a", { href: call.getAttribute("href"), class: "btn square", "aria-label": call.textContent }, icon("phone")) : null,
    element("a", { href: `${address}edit/`, class: "btn" }, icon("pencil"), say("edit")),
    element("button", { type: "button", class: "btn primary", "data-swipe-more": true }, icon("bolt"), say("actions")),
  );
  row.append(strip);
  row.classList.add("swiped");
}

document.addEventListener("touchstart", (event) => {
  const row = event.target.closest?.("table[data-rows] tbody tr[data-id]");
  if (!row?.classList.contains("swiped")) put();
  from = row && !event.target.closest(".swipe") ? { row, x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
}, { passive: true });
document.addEventListener("touchend", (event) => {
  if (!from) return;
  const { row, x, y } = from;
  from = null;
  const across = event.changedTouches[0].clientX - x;
  if (Math.abs(across) < FAR || Math.abs(across) < STEEP * Math.abs(event.changedTouches[0].clientY - y)) return;
  if (event.cancelable) event.preventDefault();
  if (across < 0) return row.classList.contains("swiped") ? null : offer(row);
  if (row.classList.contains("swiped")) return put();
  $("input[data-pick]", row)?.click();
}, { passive: false });
on("click", "[data-swipe-more]", (event, button) => {
  event.stopPropagation();
  const row = button.closest("tr");
  put();
  peek(row);
});
