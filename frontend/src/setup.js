// htmx under a strict content policy, and what it says when a request fails.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { on, say } from "./page.js";
import { toast } from "./toasts.js";

Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
  defaultSwapStyle: "outerHTML",
  // What comes in is started at once: what was typed before a field had started would be lost.
  defaultSettleDelay: 0,
  timeout: 60000,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    // A refused or invalid request comes back as the same form with its messages.
    { code: "(409|422)", swap: true, error: false },
    { code: "[45]..", swap: false, error: true },
  ],
});

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap: (style, target, fragment) => {
    if (style !== "morph") return false;
    return Idiomorph.morph(target, fragment.children, { morphStyle: "outerHTML", ignoreActiveValue: true });
  },
});

let running = 0;
const work = (step) => {
  running = Math.max(0, running + step);
  document.documentElement.classList.toggle("is-working", running > 0);
};
document.addEventListener("htmx:beforeSend", () => work(1));
document.addEventListener("htmx:afterRequest", () => work(-1));

document.addEventListener("htmx:sendError", () => toast(say("offline"), "bad"));
document.addEventListener("htmx:timeout", () => toast(say("slow"), "bad"));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  // The server has said it in its own words.
  if (event.detail.xhr.getResponseHeader("HX-Trigger")) return;
  if (status === 401 || event.detail.xhr.getResponseHeader("X-Sign-In")) toast(say("signed_out"), "bad", location.href);
  else if (status === 403) toast(say("forbidden"), "bad");
  else if (status === 404) toast(say("gone"), "bad");
  else if (status === 429) toast(say("too_many"), "bad");
  else toast(say("failed"), "bad");
});

// A sign-in page that arrives in place of a part means the session has ended: go there, do not swap it in.
document.addEventListener("htmx:beforeSwap", (event) => {
  const where = event.detail.xhr.responseURL;
  if (where && new URL(where).pathname.startsWith("/accounts/") && !location.pathname.startsWith("/accounts/")) {
    event.detail.shouldSwap = false;
    toast(say("signed_out"), "bad", where);
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.body.dataset.csrf;
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

document.body.addEventListener("toast", (event) => {
  const { text, tone, url, undo } = event.detail;
  toast(text, tone, url, undo);
});

on("click", "[data-print]", () => window.print());
