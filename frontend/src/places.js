// Where one was in a list: its parts scroll by themselves, so the browser does not bring them back. Kept for each step of the history.
import { $$ } from "./page.js";

const KEPT = 60;
const parts = () => $$(".list .scroll, .board, .board .deals");
const read = () => JSON.parse(sessionStorage.getItem("places") || "[]");

if (parts().length)
  try {
    const place = history.state?.place ?? Math.random().toString(36).slice(2);
    history.replaceState({ ...history.state, place }, "");
    const [, found] = read().find(([name]) => name === place) || [];
    if (found) parts().forEach((part, at) => part.scrollTo(...(found[at] || [0, 0])));
    addEventListener("pagehide", () => {
      const now = [place, parts().map((part) => [part.scrollLeft, part.scrollTop])];
      sessionStorage.setItem("places", JSON.stringify([now, ...read().filter(([name]) => name !== place)].slice(0, KEPT)));
    });
  } catch {
    // Storage is switched off: a list begins at its top.
  }
