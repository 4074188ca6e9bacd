// The phone: swiping a row of a list, photographs.
import { $, $$, element, icon, on, say } from "./page.js";
import { peek } from "./selection.js";

on("change", ".camera input[type=file]", (event, field) => {
  const label = $("[data-chosen]", field.parentElement);
  if (label) label.textContent = field.files.length ? [...field.files].map((file) => file.name).join(", ") : label.dataset.chosen;
});

// To the left: what can be done with the row. To the right: the row is picked. What one can swipe one can also do on the record's page.
const FAR = 56;
const FARTHEST = 120;
const SURE = 8;
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
// The row goes with the finger, and says what will come of it once it is far enough.
document.addEventListener("touchmove", (event) => {
  if (!from) return;
  const { row, x, y } = from;
  const [across, down] = [event.touches[0].clientX - x, event.touches[0].clientY - y];
  if (from.isAcross === undefined && Math.hypot(across, down) >= SURE) from.isAcross = Math.abs(across) >= STEEP * Math.abs(down);
  if (!from.isAcross) return;
  row.dataset.swipe = across < 0 ? "more" : "pick";
  row.classList.toggle("is-far", Math.abs(across) >= FAR);
  row.style.transform = `translateX(${Math.max(-FARTHEST, Math.min(FARTHEST, across))}px)`;
}, { passive: true });
function letGo() {
  const { row } = from;
  from = null;
  row.classList.remove("is-far");
  row.style.transform = "";
  delete row.dataset.swipe;
}
document.addEventListener("touchcancel", () => { if (from) letGo(); });
document.addEventListener("touchend", (event) => {
  if (!from) return;
  const { row, x, isAcross } = from;
  letGo();
  const across = event.changedTouches[0].clientX - x;
  if (!isAcross || Math.abs(across) < FAR) return;
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
