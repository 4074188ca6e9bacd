// Calendars: entries are dragged to another day or hour, or made longer; what is refused goes back and says why.
import { Idiomorph } from "idiomorph";
import { $, $$, on } from "./page.js";

const MINUTE = 0.8;
const STEP = 15;
const calendar = () => $("[data-calendar]");
const isTimed = () => calendar()?.classList.contains("is-timed");
const twoDigits = (number) => String(number).padStart(2, "0");
const clock = (minutes) => `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
const moved = (day, days) => new Date(Date.parse(`${day}T00:00Z`) + days * 864e5).toISOString().slice(0, 10);
const between = (from, to) => Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 864e5);

/** Entries of a day with hours, where they belong. */
function place() {
  if (!isTimed()) return;
  calendar().classList.add("is-placed");
  for (const entry of $$("[data-entry]", calendar())) {
    const { top, length, lane, lanes } = entry.dataset;
    entry.style.top = `${top * MINUTE}px`;
    entry.style.height = `${Math.max(18, Math.min(length, 1440 - top) * MINUTE - 2)}px`;
    entry.style.left = `${(lane / lanes) * 100}%`;
    entry.style.width = `calc(${100 / lanes}% - 3px)`;
  }
}

async function refresh() {
  const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return location.reload();
  const fresh = $("#calendar", new DOMParser().parseFromString(await response.text(), "text/html"));
  if (!fresh) return location.reload();
  // What moved stands elsewhere with its styles: anew is simpler than alike.
  Idiomorph.morph(calendar(), fresh, { morphStyle: "outerHTML" });
  for (const entry of $$("[data-entry]", calendar())) entry.removeAttribute("style");
  place();
  return null;
}

async function save(entry, values) {
  const body = new URLSearchParams({ ...values, version: entry.dataset.version, key: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}` });
  entry.classList.add("is-saving");
  try {
    const response = await fetch(`${calendar().dataset.calendar}${entry.dataset.entry}/day/`, {
      method: "POST", body, credentials: "same-origin", headers: { "HX-Request": "true", "X-CSRFToken": document.body.dataset.csrf },
    });
    const said = JSON.parse(response.headers.get("HX-Trigger") || "{}");
    if (said.toast) document.body.dispatchEvent(new CustomEvent("toast", { detail: said.toast }));
    else if (!response.ok) throw new Error(response.statusText);
  } catch {
    document.body.dispatchEvent(new Event("htmx:sendError", { bubbles: true }));
  }
  await refresh();
}

// ---- whole days: dragged from cell to cell ------------------------------------------------------------------------------
let dragged = null;

on("dragstart", "[data-calendar] [data-movable], [data-calendar] [data-grip]", (event, part) => {
  const entry = part.closest("[data-entry]");
  dragged = { entry, from: part.closest("[data-day]").dataset.day, grip: Boolean(event.target.closest("[data-grip]")) };
  entry.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", entry.dataset.entry);
  event.stopPropagation();
});
on("dragend", "[data-calendar] [data-entry]", () => {
  for (const part of $$("[data-calendar] .is-dragged, [data-calendar] .is-over")) part.classList.remove("is-dragged", "is-over");
  dragged = null;
});
on("dragover", "[data-calendar] [data-day]", (event, day) => {
  if (!dragged) return;
  event.preventDefault();
  if (!day.classList.contains("is-over")) for (const other of $$("[data-calendar] .is-over")) other.classList.remove("is-over");
  day.classList.add("is-over");
});
on("drop", "[data-calendar] [data-day]", (event, day) => {
  if (!dragged) return;
  event.preventDefault();
  const { entry, from, grip } = dragged;
  const { by, kind, until } = calendar().dataset;
  const { begins, ends } = entry.dataset;
  const to = day.dataset.day;
  if (grip) return to >= begins && to !== ends ? save(entry, { [until]: to }) : null;
  const days = between(from, to);
  if (!days) return null;
  const start = moved(begins, days);
  const values = { [by]: kind === "moment" ? `${start}T${entry.dataset.clock}` : start };
  if (until && ends > begins) values[until] = moved(ends, days);
  return save(entry, values);
});

// ---- hours: held and moved in steps of a quarter --------------------------------------------------------------------------
let held = null;

on("pointerdown", ".is-placed [data-movable]", (event, entry) => {
  if (event.button || event.pointerType === "touch") return;
  held = { entry, grip: Boolean(event.target.closest("[data-grip]")), y: event.clientY, top: +entry.dataset.top, length: +entry.dataset.length, day: entry.closest("[data-day]"), is: false };
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const steps = Math.round((event.clientY - held.y) / MINUTE / STEP) * STEP;
  const day = document.elementsFromPoint(event.clientX, event.clientY).map((node) => node.closest("[data-day]")).find(Boolean) || held.day;
  if (!held.is && !steps && day === held.day) return;
  held.is = true;
  held.entry.classList.add("is-dragged");
  event.preventDefault();
  if (held.grip) held.newLength = Math.max(STEP, Math.min(1440 - held.top, held.length + steps));
  else held.newTop = Math.max(0, Math.min(1440 - STEP, held.top + steps));
  if (held.grip) held.entry.style.height = `${held.newLength * MINUTE - 2}px`;
  else {
    held.entry.style.top = `${held.newTop * MINUTE}px`;
    if (held.entry.closest("[data-day]") !== day) ($("ul", day) || day.appendChild(document.createElement("ul"))).append(held.entry);
  }
});
addEventListener("pointerup", () => {
  const done = held;
  held = null;
  if (!done?.is) return;
  // The click that follows would open the record.
  addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); }, { capture: true, once: true });
  const { by, minutes } = calendar().dataset;
  const day = done.entry.closest("[data-day]").dataset.day;
  if (done.grip) save(done.entry, { [minutes]: done.newLength });
  else save(done.entry, { [by]: `${day}T${clock(done.newTop ?? done.top)}` });
});

// ---- an empty place begins a new one ------------------------------------------------------------------------------------
on("click", "[data-calendar] [data-day]", (event, day) => {
  if (event.target.closest("a, button, [data-entry]")) return;
  const link = $(".cal-new", day);
  if (link) location.assign(link.href);
});

place();
if (isTimed()) {
  const first = Math.min(480, ...$$("[data-entry]", calendar()).map((entry) => Math.max(0, entry.dataset.top - 30)));
  const scroller = calendar().closest(".scroll");
  if (scroller) scroller.scrollTop = first * MINUTE;
}
