// Dragging by mouse, pen and finger alike. A finger holds first: without the hold it scrolls.
import { $, element } from "./page.js";

const HOLD = 300;
const NEAR = { mouse: 5, pen: 5, touch: 10 };
const EDGE = 52;

/** How far a scroller goes in one step when the pointer is near one of its edges: slower where less is seen of it. */
function pull(at, from, to) {
  const fastest = Math.min(14, innerWidth / 60);
  if (at < from + EDGE) return -fastest * Math.min(1, (from + EDGE - at) / EDGE);
  return at > to - EDGE ? fastest * Math.min(1, (at - to + EDGE) / EDGE) : 0;
}

/** A picture of what is dragged, under the pointer. */
export function shadow(part, x, y) {
  const box = part.getBoundingClientRect();
  const copy = element("div", { class: "drag-shadow", "aria-hidden": "true" });
  const inner = part.cloneNode(true);
  for (const name of ["id", "data-card", "data-entry", "data-movable"]) inner.removeAttribute(name);
  inner.style.cssText = "";
  copy.append(inner);
  copy.style.width = `${box.width}px`;
  copy.style.height = `${box.height}px`;
  const move = (nowX, nowY) => (copy.style.transform = `translate(${box.left + nowX - x}px, ${box.top + nowY - y}px)`);
  move(x, y);
  document.body.append(copy);
  return { move, remove: () => copy.remove() };
}

/** What lies under the pointer and matches. */
export const under = (selector, x, y) => document.elementsFromPoint(x, y).map((node) => node.closest(selector)).find(Boolean) || null;

/** Parts that match `selector` can be dragged.
 *
 * `lift(part, target, x, y)` answers with what is dragged, or nothing; `move(dragged, x, y)` follows; `drop(dragged)` does it;
 * `end(dragged, isDropped)` tidies up after a drop and after a drag that was given up; `scrollers(x, y)` are scrolled at their edges.
 */
export function draggable(selector, { lift, move, drop, end, scrollers }) {
  let press = null;
  let step = 0;

  const scroll = () => {
    if (!press?.dragged) return;
    let moved = false;
    const floor = innerHeight - ($(".dock")?.offsetHeight || 0);
    const isTaken = Math.hypot(press.nowX - press.x, press.nowY - press.y) >= NEAR.touch;
    for (const scroller of isTaken ? [...scrollers(press.nowX, press.nowY), document.scrollingElement] : []) {
      const { left, right, top, bottom } = scroller.getBoundingClientRect();
      const [before, above] = [scroller.scrollLeft, scroller.scrollTop];
      scroller.scrollLeft += pull(press.nowX, Math.max(0, left), Math.min(innerWidth, right));
      scroller.scrollTop += pull(press.nowY, Math.max(0, top), Math.min(floor, bottom));
      moved ||= scroller.scrollLeft !== before || scroller.scrollTop !== above;
    }
    if (moved) move(press.dragged, press.nowX, press.nowY);
    step = requestAnimationFrame(scroll);
  };
  const begin = () => {
    press.dragged = lift(press.part, press.target, press.x, press.y);
    if (!press.dragged) return stop();
    document.documentElement.classList.add("is-dragging");
    if (press.kind === "touch") navigator.vibrate?.(10);
    getSelection()?.removeAllRanges();
    step = requestAnimationFrame(scroll);
    return null;
  };
  function stop(isDropped = false) {
    const { dragged, timer } = press || {};
    press = null;
    clearTimeout(timer);
    cancelAnimationFrame(step);
    document.documentElement.classList.remove("is-dragging");
    if (dragged) end(dragged, isDropped);
  }
  const giveUp = () => stop();

  document.addEventListener("pointerdown", (event) => {
    if (event.isPrimary) stop();
    const part = event.button || !event.isPrimary ? null : event.target.closest?.(selector);
    if (!part || event.target.closest("button, input, select")) return;
    const { clientX: x, clientY: y, pointerType: kind, pointerId: id, target } = event;
    press = { part, target, x, y, nowX: x, nowY: y, kind, id, dragged: null, timer: kind === "touch" ? setTimeout(begin, HOLD) : 0 };
  });
  document.addEventListener("pointermove", (event) => {
    if (!press || event.pointerId !== press.id) return;
    Object.assign(press, { nowX: event.clientX, nowY: event.clientY });
    if (!press.dragged) {
      if (Math.hypot(press.nowX - press.x, press.nowY - press.y) < (NEAR[press.kind] ?? NEAR.mouse)) return;
      if (press.kind === "touch") return void stop();
      begin();
    }
    if (press?.dragged) move(press.dragged, press.nowX, press.nowY);
  });
  addEventListener("pointerup", (event) => {
    if (!press || event.pointerId !== press.id) return;
    const { dragged } = press;
    stop(true);
    if (dragged) {
      // The click that follows would open the record.
      const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
      addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }), 300);
      drop(dragged);
    }
  });
  addEventListener("pointercancel", giveUp);
  addEventListener("blur", giveUp);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !press?.dragged) return;
    event.stopPropagation();
    stop();
  }, true);
  // Once lifted, the finger neither scrolls nor opens the browser's own menu; a link is not dragged as an address.
  document.addEventListener("touchmove", (event) => { if (press?.dragged && event.cancelable) event.preventDefault(); }, { passive: false });
  document.addEventListener("contextmenu", (event) => { if (press?.dragged) event.preventDefault(); });
  document.addEventListener("dragstart", (event) => { if (press) event.preventDefault(); });
}
