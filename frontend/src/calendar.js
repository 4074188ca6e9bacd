// Calendars: entries are dragged to another day or hour, or made longer; what is refused goes back and says why. Loaded there only.
import { Idiomorph } from "idiomorph";
import { draggable, shadow, under } from "./drag.js";
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
const DAY = "[data-calendar] [data-day]";

const byDay = {
  lift: (entry, grip, x, y) => ({ from: entry.closest("[data-day]").dataset.day, shadow: grip ? null : shadow(entry, x, y), day: null }),
  move(held, x, y) {
    held.shadow?.move(x, y);
    const day = under(DAY, x, y);
    if (day === held.day) return;
    held.day?.classList.remove("is-over");
    day?.classList.add("is-over");
    held.day = day;
  },
  drop({ entry, grip, from, day }) {
    if (!day) return null;
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
  },
  end(held) {
    held.shadow?.remove();
    held.day?.classList.remove("is-over");
  },
};

// ---- hours: moved in steps of a quarter -----------------------------------------------------------------------------------
const fromTop = (y) => y - calendar().getBoundingClientRect().top;
// A phone has the days one below the other, without hours.
const hasHours = () => isTimed() && $(".cal-hours", calendar()).getClientRects().length > 0;

const byHour = {
  lift(entry, grip, x, y) {
    const { top, length } = entry.dataset;
    return { y: fromTop(y), top: +top, newTop: +top, length: +length, newLength: +length, day: entry.closest("[data-day]") };
  },
  move(held, x, y) {
    const { entry, grip, top, length } = held;
    const steps = Math.round((fromTop(y) - held.y) / MINUTE / STEP) * STEP;
    if (grip) {
      held.newLength = Math.max(STEP, Math.min(1440 - top, length + steps));
      entry.style.height = `${held.newLength * MINUTE - 2}px`;
      return;
    }
    held.newTop = Math.max(0, Math.min(1440 - STEP, top + steps));
    held.day = under(DAY, x, y) || held.day;
    entry.style.top = `${held.newTop * MINUTE}px`;
    entry.style.transform = `translateX(${held.day.getBoundingClientRect().left - entry.closest("[data-day]").getBoundingClientRect().left}px)`;
    const hour = $(".num", entry);
    if (hour) hour.textContent = clock(held.newTop);
  },
  drop({ entry, grip, day, top, length, newTop, newLength }) {
    const { by, minutes } = calendar().dataset;
    if (grip) return newLength !== length ? save(entry, { [minutes]: newLength }) : null;
    return newTop !== top || day !== entry.closest("[data-day]") ? save(entry, { [by]: `${day.dataset.day}T${clock(newTop)}` }) : null;
  },
  end({ entry, top, newTop }, isDropped) {
    if (isDropped) return;
    entry.style.transform = "";
    if (newTop !== top && $(".num", entry)) $(".num", entry).textContent = clock(top);
    place();
  },
};

// What may not be moved is lifted too: asked to move it, the server says why it stays.
draggable("[data-calendar] [data-entry]", {
  lift(entry, target, x, y) {
    const grip = Boolean(target.closest("[data-grip]"));
    const how = hasHours() ? byHour : byDay;
    entry.classList.add("is-dragged");
    return { entry, grip, how, ...how.lift(entry, grip, x, y) };
  },
  move: (held, x, y) => held.how.move(held, x, y),
  drop: (held) => held.how.drop(held),
  end(held, isDropped) {
    held.entry.classList.remove("is-dragged");
    held.how.end(held, isDropped);
  },
  scrollers: () => [calendar().closest(".scroll")].filter(Boolean),
});

// ---- an empty place begins a new one, if it was pressed there too -----------------------------------------------------------
const TAKEN = "a, button, [data-entry]";
let pressed = null;
document.addEventListener("pointerdown", (event) => (pressed = event.target), true);
on("click", "[data-calendar] [data-day]", (event, day) => {
  if (event.target.closest(TAKEN) || pressed?.closest?.(TAKEN)) return;
  const link = $(".cal-new", day);
  if (link) location.assign(link.href);
});

function begin() {
  place();
  if (!isTimed()) return;
  const first = Math.min(480, ...$$("[data-entry]", calendar()).map((entry) => Math.max(0, entry.dataset.top - 30)));
  const scroller = calendar().closest(".scroll");
  if (scroller) scroller.scrollTop = first * MINUTE;
}
begin();
document.addEventListener("guanxi:shown", begin);
