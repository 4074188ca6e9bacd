// Forms: one effect per submit, nothing lost on a failed request, a warning before unsaved input is left.
import { $, $$, each, on, say } from "./page.js";
import { pressed, shortcut } from "./shortcuts.js";

const stateOf = (form) => {
  const parts = [];
  for (const [name, value] of new FormData(form)) {
    if (name !== "key" && name !== "csrfmiddlewaretoken") parts.push(`${name}=${value instanceof File ? value.name : value}`);
  }
  return parts.join("&");
};

// Values the server proposed and nobody changed are sent empty, so that it proposes again; heard here before any form's first state is taken.
document.addEventListener("formdata", (event) => {
  for (const field of $$("[data-auto]", event.target)) if (field.name) event.formData.set(field.name, "");
});

// What a person decides is no proposal any more.
const decided = (event) => event.target.closest?.("[data-auto]") && delete event.target.dataset.auto;
document.addEventListener("input", decided, true);
document.addEventListener("change", decided, true);

const guarded = () => $$("form[data-guard]");
let leaving = false;

export const isDirty = (form) => form.guardState !== undefined && stateOf(form) !== form.guardState;

each("form[data-guard]", (form) => {
  // What a refused form brings back is unsaved already.
  form.guardState = form.dataset.guard === "unsaved" ? null : stateOf(form);
  const shown = $("[data-form-state]", form);
  if (shown) form.addEventListener("input", () => (shown.textContent = isDirty(form) ? say("unsaved") : ""));
});

/** What is typed is being taken along: no warning. */
export const letGo = () => (leaving = true);

addEventListener("beforeunload", (event) => {
  if (leaving || !guarded().some(isDirty)) return;
  event.preventDefault();
  event.returnValue = "";
});

// A second submit of the same form while the first is on its way is dropped: a double click makes one document.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.dataset.busy !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.method !== "get" && form.method !== "dialog") {
      form.dataset.busy = "";
      form.setAttribute("aria-busy", "true");
    }
    if (!form.hasAttribute("hx-post") && form.dataset.guard !== undefined) leaving = true;
  },
  true,
);

const release = (form) => {
  delete form.dataset.busy;
  form.removeAttribute("aria-busy");
};
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  const answer = event.detail.xhr;
  // A redirect is under way: stay closed until the new page is there.
  if (form && !(answer && answer.getResponseHeader("HX-Redirect"))) release(form);
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true;
});
addEventListener("pageshow", () => {
  leaving = false;
  $$("form[data-busy]").forEach(release);
});

// A page that is a form begins in its first field; on a phone that would open the keyboard over it.
if (matchMedia("(hover: hover)").matches && !location.hash)
  $$("form#form .fields :is(input:not([type=hidden], [type=checkbox]), select, textarea)").find((field) => field.offsetParent && !field.value)?.focus({ preventScroll: true });

// After a refused form comes back: go to the first thing that is wrong.
document.addEventListener("htmx:afterSwap", (event) => {
  const wrong = $("[aria-invalid='true'], .has-error input", event.target) || $("[data-problem]", event.target);
  if (wrong) {
    wrong.focus({ preventScroll: true });
    wrong.scrollIntoView({ block: "center" });
  }
});

// Fields that only matter for some values of another one: data-shown-when="kind:choice,choices". Without this they all stand there.
const fitting = (form) => {
  for (const part of $$("[data-shown-when]", form)) {
    const [name, values] = part.dataset.shownWhen.split(":");
    const chosen = form.elements.namedItem(name)?.value ?? "";
    part.hidden = !values.split(",").includes(chosen) && !$("[aria-invalid='true']", part);
  }
};
each("form:has([data-shown-when])", (form) => {
  fitting(form);
  form.addEventListener("change", () => fitting(form));
});

on("change", "[data-submit-on-change]", (event, field) => field.form.requestSubmit());
shortcut("save", (event) => {
  const form = event.target.closest("form[data-keys]");
  if (!form) return false;
  form.requestSubmit($$("button[type=submit].primary", form).find((button) => button.offsetParent) || undefined);
});

// Dates by words: today, +7, a day of this month. Native date fields take nothing but dates, so this listens to keys.
on("keydown", "input[type=date]", (event, field) => {
  if (!pressed(event, "today")) return;
  event.preventDefault();
  const now = new Date();
  field.value = new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

on("input", ".composer textarea", (event, area) => area.closest(".composer").classList.toggle("filled", area.value !== ""));
