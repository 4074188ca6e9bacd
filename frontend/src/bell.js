// The bell: its number is fetched after the page and stands in the window's title too; its list is fetched anew at each opening.
import { $, each, on, set } from "./page.js";
import { refresh } from "./live.js";

const key = `bell:${set}`;
const title = document.title;

function show(place) {
  const count = Number(place.dataset.count || 0);
  document.title = count ? `(${count > 99 ? "99+" : count}) ${title}` : title;
  sessionStorage.setItem(key, place.outerHTML);
}

each("[data-bell]", (bell) => {
  const place = $("#bell-count", bell);
  // What was there a page ago, so that the number does not jump in.
  const before = new DOMParser().parseFromString(sessionStorage.getItem(key) || "", "text/html").getElementById(place.id);
  if (before && before.dataset.live === place.dataset.live) {
    place.dataset.count = before.dataset.count || 0;
    place.replaceChildren(...before.childNodes);
  }
  new MutationObserver(() => show(place)).observe(place, { attributes: true, attributeFilter: ["data-count"] });
  if (place.dataset.count) show(place);
  refresh(place);
  bell.addEventListener("toggle", () => {
    if (!bell.open) delete bell.dataset.loaded;
  });
});

// Where one stays on the page, only the list is drawn again.
on("submit", "[data-bell] form", (event, form) => {
  event.preventDefault();
  fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" }).then((answer) => {
    if (!answer.ok) return;
    const bell = form.closest("[data-bell]");
    window.htmx.ajax("GET", bell.dataset.lazy, { target: $(".menu-list", bell), swap: "innerHTML" });
    refresh($("#bell-count", bell));
  });
});
