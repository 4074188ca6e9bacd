// Widths of a list's columns: drawn at the heading's edge, kept in the address beside the column's name.
import { $$, each, element } from "./page.js";

const NARROWEST = 48;
const steps = { ArrowLeft: -16, ArrowRight: 16 };

/** The page comes anew, so that the views' menu, links and export know of it too. */
function keep(table) {
  const address = new URL(location.href);
  const columns = $$("th[data-name]", table).map((th) => (th.dataset.width ? `${th.dataset.name}~${th.dataset.width}` : th.dataset.name));
  address.searchParams.set("columns", columns.join(","));
  location.replace(address);
}

function widen(table, th, width) {
  if (!table.classList.contains("sized")) {
    for (const other of $$("th[data-name]", table)) other.style.width = `${other.offsetWidth}px`;
    table.classList.add("sized");
  }
  th.dataset.width = Math.max(NARROWEST, Math.min(999, Math.round(width)));
  th.style.width = `${th.dataset.width}px`;
}

each("table[data-widths]", (table) => {
  const heads = $$("th[data-name]", table);
  for (const th of heads.filter((one) => one.dataset.width)) widen(table, th, Number(th.dataset.width));
  for (const th of heads) {
    const edge = element("span", { class: "widen", "aria-hidden": "true" });
    th.append(edge);
    let from = null;
    edge.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      from = { x: event.clientX, width: th.offsetWidth };
      edge.setPointerCapture(event.pointerId);
      edge.classList.add("dragged");
    });
    edge.addEventListener("pointermove", (event) => from && widen(table, th, from.width + event.clientX - from.x));
    edge.addEventListener("pointerup", () => {
      const moved = from && th.offsetWidth !== from.width;
      from = null;
      edge.classList.remove("dragged");
      if (moved) keep(table);
    });
    edge.addEventListener("dblclick", () => {
      delete th.dataset.width;
      keep(table);
    });
    th.addEventListener("keydown", (event) => {
      if (!event.altKey || !steps[event.key]) return;
      event.preventDefault();
      widen(table, th, th.offsetWidth + steps[event.key]);
      keep(table);
    });
  }
});
