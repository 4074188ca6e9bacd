// What scrolls sideways: tabs say that there are more of them, and an outward swipe stays on the page.
import { $, each, element, icon } from "./page.js";

each(".tabs", (tabs) => {
  const arrow = (name, sign, way) => {
    const made = element("button", { type: "button", class: `beyond ${name}`, tabindex: "-1", "aria-hidden": "true", hidden: true }, icon(sign, "s"));
    made.addEventListener("click", () => tabs.scrollBy({ left: way * tabs.clientWidth * 0.7, behavior: "smooth" }));
    return made;
  };
  const [before, after] = [arrow("before", "chevron-left", -1), arrow("after", "chevron-right", 1)];
  tabs.prepend(before);
  tabs.append(after);
  const show = () => {
    before.hidden = tabs.scrollLeft <= 1;
    after.hidden = tabs.scrollLeft + tabs.clientWidth >= tabs.scrollWidth - 1;
  };
  tabs.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(tabs);
  const here = $("[aria-current]", tabs);
  if (here) tabs.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - tabs.clientWidth / 2;
  show();
});

// A swipe outward at the end of what scrolls sideways would leave the page for the one before it: browsers differ in what keeps them from it.
const SIDEWAYS = ".board, .scroll, .bar, .bar-state, .tabs";

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
