// What a pivot asks: every change of a select or box is a new address, and only what differs on the page changes.
import { Idiomorph } from "idiomorph";
import { $, on } from "./page.js";

const ASKED = ["rows", "across", "measures"];
let newest = 0;

function asked(form) {
  const address = new URL(location.href);
  const data = new FormData(form);
  for (const name of ASKED) {
    const words = [...new Set(data.getAll(name).filter(Boolean))];
    if (form.elements[name]) address.searchParams.set(name, words.join(","));
    if (!words.length) address.searchParams.delete(name);
  }
  address.searchParams.delete("wait");
  // Nothing at all would be the usual question again.
  if (!ASKED.some((name) => address.searchParams.has(name))) address.searchParams.set("measures", "count");
  return address;
}

async function show(address) {
  const turn = (newest += 1);
  document.documentElement.classList.add("is-working");
  try {
    const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return location.assign(address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = $("#main", page);
    if (turn !== newest) return null;
    if (!fresh) return location.assign(address);
    history.replaceState(null, "", address);
    const open = $("form[data-question] details[open]");
    Idiomorph.morph($("#main"), fresh, {
      ignoreActiveValue: true,
      callbacks: { beforeAttributeUpdated: (name, node) => !(name === "open" && node === open) },
    });
    window.htmx.process($("#main"));
    document.dispatchEvent(new CustomEvent("guanxi:shown"));
  } catch {
    location.assign(address);
  } finally {
    document.documentElement.classList.remove("is-working");
  }
  return null;
}

on("change", "form[data-question]", (event, form) => show(asked(form)));
on("submit", "form[data-question]", (event, form) => {
  event.preventDefault();
  show(asked(form));
});
