// A swipe outward at the end of what scrolls sideways would leave the page for the one before it: browsers differ in what keeps them from it.
import { each } from "./page.js";

const SIDEWAYS = ".board, .scroll, .bar, .bar-state";

each(SIDEWAYS, (scroller) => {
  let start = null;
  scroller.addEventListener("touchstart", (event) => {
    const [finger, other] = event.touches;
    start = other || event.target.closest(SIDEWAYS) !== scroller ? null : { x: finger.clientX, y: finger.clientY, isOutward: null };
  }, { passive: true });
  scroller.addEventListener("touchmove", (event) => {
    if (!start) return;
    const across = event.touches[0].clientX - start.x;
    if (start.isOutward === null) {
      const ends = across > 0 ? scroller.scrollLeft <= 0 : scroller.scrollLeft + scroller.clientWidth >= scroller.scrollWidth - 1;
      start.isOutward = ends && Math.abs(across) > Math.abs(event.touches[0].clientY - start.y);
    }
    if (start.isOutward && event.cancelable) event.preventDefault();
  }, { passive: false });
});
