// The first look around: a card beside the page, one step at a time. Only its own buttons lead to another page. Where one stopped is kept by this browser for this member.
import { $, element, icon, json, on, ownAddress, say, set } from "./page.js";

const memory = `tour:${set}:${$("#palette")?.dataset.member}`;
const read = () => {
  try {
    return localStorage.getItem(memory);
  } catch {
    return "done";
  }
};
const write = (state) => {
  try {
    localStorage.setItem(memory, state);
  } catch {
    // Storage is switched off: the tour lasts for this page.
  }
};

let card = null;
function put(away) {
  card?.remove();
  card = null;
  for (const shown of document.querySelectorAll(".toured")) shown.classList.remove("toured");
  if (away) write(away);
}

function draw(title, text, count, buttons) {
  put();
  const head = element("h2", { id: "tour-title", tabindex: "-1" }, title);
  card = element(
    "aside",
    { class: "tour", "aria-labelledby": "tour-title" },
    element("div", { class: "between" }, head, element("button", { type: "button", class: "icon-button", "aria-label": say("close"), "data-tour": "later" }, icon("x"))),
    element("p", {}, text),
    element("div", { class: "tour-foot" }, element("span", { class: "faint num" }, count), ...buttons),
  );
  document.body.append(card);
  head.focus({ preventScroll: true });
}
const button = (does, label, primary) => element("button", { type: "button", class: `btn${primary ? " primary" : " quiet"}`, "data-tour": does }, label);

// What is drawn here; what is kept may have gone on already, to a page that was not left after all.
let shown = 0;

async function show(number, mayLeave) {
  const { steps } = await json(`/${set}/tour/`);
  const at = Math.min(number, steps.length - 1);
  const step = steps[at];
  const address = ownAddress(step.url);
  if (address && new URL(address).pathname !== location.pathname) return mayLeave ? leave(at, address) : wait();
  shown = at;
  write(String(at));
  const last = at === steps.length - 1;
  draw(step.title, step.text, `${at + 1} / ${steps.length}`, [at ? button("back", say("back")) : button("later", say("later")), button(last ? "done" : "next", say(last ? "finish" : "next"), true)]);
  const target = [...document.querySelectorAll(step.at)].find((one) => one.getClientRects().length);
  target?.classList.add("toured");
  if (!matchMedia("(max-width: 800px)").matches) target?.scrollIntoView({ block: "nearest" });
  return null;
}

function leave(at, address) {
  write(String(at));
  location.assign(address);
}

/** Somebody went elsewhere by themselves: a small word that the tour waits, and over a form not even that. */
function wait() {
  if (document.querySelector("form[data-guard]:not(.composer)")) return;
  card = element(
    "aside",
    { class: "tour is-waiting", "aria-label": say("tour_on") },
    button("begin", say("tour_on")),
    element("button", { type: "button", class: "icon-button", "aria-label": say("close"), "data-tour": "later" }, icon("x")),
  );
  document.body.append(card);
}

const kept = () => Number(read()?.replace("left:", "")) || 0;
on("click", "[data-tour]", (event, pressed) => {
  const does = pressed.dataset.tour;
  if (does === "begin") show(kept(), true);
  else if (does === "next") show(shown + 1, true);
  else if (does === "back") show(shown - 1, true);
  else put(does === "done" ? "done" : `left:${kept()}`);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && card?.contains(document.activeElement)) put(`left:${kept()}`);
});

const state = set ? read() : "done";
if (state === null && document.body.dataset.offersTour && location.pathname === `/${set}/today/`)
  draw(say("tour_offer"), say("tour_offer_text"), "", [button("done", say("no_thanks")), button("begin", say("show_me"), true)]);
else if (/^\d+$/.test(state || "")) show(Number(state), false);
