// Typing into the search of a list shows what fits, and a pivot or chart what else it is asked: what stands below the bar comes anew, the field
// itself stays as it is typed in.
import { Idiomorph } from "idiomorph";
import htmx from "htmx.org";
import { $, later, on } from "./page.js";

const WAIT = 300;
const QUESTION = "form[data-question]";
const WORDS = ["rows", "across", "measures"];
let asked = null;
let isQuestioned = false;

/** The address that sending the search would lead to, with what was chosen for a pivot meanwhile. */
function addressOf(form) {
  const address = new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "q" || value.trim()));
  const question = isQuestioned && $(QUESTION);
  if (question) {
    const data = new FormData(question);
    for (const name of WORDS) {
      const words = [...new Set(data.getAll(name).filter(Boolean))];
      if (words.length) address.set(name, words.join(","));
      else address.delete(name);
    }
    address.delete("wait");
    // Nothing at all would be the usual question again.
    if (!WORDS.some((name) => address.has(name))) address.set("measures", "count");
  }
  if (!address.size) address.set("q", "");
  return `${new URL(form.action).pathname}?${address}`;
}

function show(main, fresh) {
  const bar = $(".bar", fresh);
  // What is typed meanwhile is not taken back.
  $(".quick input[type=search]", bar).setAttribute("value", $(".bar .quick input[type=search]", main).value);
  if ($(QUESTION, main)) {
    const open = $(`${QUESTION} details[open]`, main);
    const callbacks = { beforeAttributeUpdated: (name, node) => !(name === "open" && node === open) };
    return Idiomorph.morph(main, fresh, { ignoreActiveValue: true, callbacks });
  }
  Idiomorph.morph($(".bar", main), bar, { morphStyle: "outerHTML", ignoreActiveValue: true });
  const rest = (root) => [...root.children].slice([...root.children].indexOf($(":scope > .bar", root)) + 1);
  for (const old of rest(main)) old.remove();
  return main.append(...rest(fresh));
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
    if (!fresh || !$(".bar .quick", fresh)) return location.assign(address);
    isQuestioned = false;
    show(main, fresh);
    history.replaceState({ ...history.state, peek: undefined }, "", address);
    htmx.process(main);
    main.dispatchEvent(new CustomEvent("guanxi:added", { bubbles: true }));
    document.dispatchEvent(new CustomEvent("guanxi:shown"));
  } catch (problem) {
    if (problem.name !== "AbortError") location.assign(address);
  } finally {
    if (asked === mine) document.documentElement.classList.remove("is-working");
  }
  return null;
}
const soon = later(WAIT, seek);

const changed = (event, field) => {
  if (!event.isComposing) soon(field.form);
};
on("input", ".bar .quick input[type=search]", changed);
on("compositionend", ".bar .quick input[type=search]", changed);
// What is only being composed is not looked for, and nothing comes anew under it.
on("compositionstart", ".bar .quick input[type=search]", () => {
  soon.cancel();
  asked?.abort();
});
on("submit", ".bar .quick", (event, form) => {
  event.preventDefault();
  // Whoever has typed it all goes on with the rows.
  document.activeElement?.blur();
  seek(form);
});

const questioned = () => {
  isQuestioned = true;
  seek($(".bar .quick"));
};
on("change", QUESTION, questioned);
on("submit", QUESTION, (event) => {
  event.preventDefault();
  questioned();
});
