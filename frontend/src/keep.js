// Another language without losing one's work: a form with typed content is drawn again by the server, the rest is put back here.
import { $, $$, element, on, set } from "./page.js";
import { isDirty, letGo } from "./forms.js";

const place = () => `kept:${set}:${location.pathname}`;

on("submit", "form[action='/language/']", async (event, form) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const wanted = new FormData(form, event.submitter);
  await fetch(form.action, { method: "POST", body: wanted, redirect: "manual" });
  const typed = $$("form.composer textarea").map((area) => [area.name, area.value]).filter(([, value]) => value);
  sessionStorage.setItem(place(), JSON.stringify({ typed, top: scrollY }));
  const main = $("form#form");
  letGo();
  if (!main || !isDirty(main)) return location.reload();
  main.append(element("input", { type: "hidden", name: "drawn_again", value: "1" }));
  HTMLFormElement.prototype.submit.call(main);
});

const kept = sessionStorage.getItem(place());
if (kept) {
  sessionStorage.removeItem(place());
  const { typed, top } = JSON.parse(kept);
  for (const [name, value] of typed) {
    const area = $(`form.composer textarea[name="${CSS.escape(name)}"]`);
    if (!area) continue;
    area.value = value;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  scrollTo(0, top);
}
