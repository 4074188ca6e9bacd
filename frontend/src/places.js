// Where one was in a list or board: its parts scroll by themselves, so the browser does not bring them back. Kept for each step of the history,
// and for the same page anew once something was done on it.
import { $$, on } from "./page.js";

const KEPT = 60;
const lists = () => $$(".list .scroll, .board, .board .deals");
// On a telephone the page itself scrolls too.
const parts = () => [document.scrollingElement, ...lists()];
const read = () => JSON.parse(sessionStorage.getItem("places") || "[]");
const named = ({ pathname, search }) => `done ${pathname}${search}`;
let isBack = false;

const goes = (address) => (isBack ||= Boolean(address) && named(new URL(address, location.href)) === named(location));
document.addEventListener("htmx:beforeOnLoad", (event) => goes(event.detail.xhr.getResponseHeader("HX-Redirect")));
on("submit", "form[method=post]", (event, form) => goes(form.elements.back?.value));
on("click", "[data-undo]", () => (isBack = true));

if (lists().length)
  try {
    const place = history.state?.place ?? Math.random().toString(36).slice(2);
    history.replaceState({ ...history.state, place }, "");
    const was = named(location);
    const [, found] = read().find(([name]) => name === place) || read().find(([name]) => name === was) || [];
    // What was done here brings the page back once; who comes by another way begins at its top.
    sessionStorage.setItem("places", JSON.stringify(read().filter(([name]) => name !== was)));
    if (found) parts().forEach((part, at) => part.scrollTo(...(found[at] || [0, 0])));
    addEventListener("pagehide", () => {
      const now = parts().map((part) => [part.scrollLeft, part.scrollTop]);
      const names = isBack ? [place, named(location)] : [place];
      const others = read().filter(([name]) => !names.includes(name));
      sessionStorage.setItem("places", JSON.stringify([...names.map((name) => [name, now]), ...others].slice(0, KEPT)));
    });
  } catch {
    // Storage is switched off: a list begins at its top.
  }
