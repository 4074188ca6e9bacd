// Typing into the search of a list shows what fits: the bar and what stands below it come anew, the field itself stays as it is typed in.
import { Idiomorph } from "idiomorph";
import htmx from "htmx.org";
import { $, later, on } from "./page.js";

const WAIT = 300;
let asked = null;

// Shapes that are drawn by scripts of their own come as a page.
const isPlain = (main) => Boolean($(":scope > :is(.list, .board, .empty)", main));

/** The address that sending the form would lead to. */
function addressOf(form) {
  const given = [...new FormData(form)].filter(([name, value]) => name !== "q" || value.trim());
  return `${new URL(form.action).pathname}?${new URLSearchParams(given.length ? given : [["q", ""]])}`;
}

async function seek(form) {
  soon.cancel();
  asked?.abort();
  const mine = (asked = new AbortController());
  const address = addressOf(form);
  document.documentElement.classList.add("is-working");
  try {
    const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" }, signal: mine.signal });
    const page = response.ok && !response.redirected && new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page && $("#main", page);
    const main = $("#main");
    if (!fresh || !isPlain(fresh)) return form.submit();
    const bar = $(".bar", fresh);
    // What is typed meanwhile is not taken back.
    $(".quick input[type=search]", bar).setAttribute("value", $("input[type=search]", form).value);
    Idiomorph.morph($(".bar", main), bar, { morphStyle: "outerHTML", ignoreActiveValue: true });
    const rest = (root) => [...root.children].slice([...root.children].indexOf($(":scope > .bar", root)) + 1);
    for (const old of rest(main)) old.remove();
    main.append(...rest(fresh));
    history.replaceState({ ...history.state, peek: undefined }, "", address);
    htmx.process(main);
    main.dispatchEvent(new CustomEvent("guanxi:added", { bubbles: true }));
  } catch (problem) {
    if (problem.name !== "AbortError") form.submit();
  } finally {
    if (asked === mine) document.documentElement.classList.remove("is-working");
  }
}
const soon = later(WAIT, seek);

const changed = (event, field) => {
  if (!event.isComposing && isPlain($("#main"))) soon(field.form);
};
on("input", ".bar .quick input[type=search]", changed);
on("compositionend", ".bar .quick input[type=search]", changed);
on("submit", ".bar .quick", (event, form) => {
  if (!isPlain($("#main"))) return;
  event.preventDefault();
  // Whoever has typed it all goes on with the rows.
  document.activeElement?.blur();
  seek(form);
});
