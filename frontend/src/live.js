// Parts marked data-live="topic …" are fetched again when one of their topics is announced; polling when streams fail.
import { Idiomorph } from "idiomorph";
import { $$, later, set } from "./page.js";
import { isDirty } from "./forms.js";

const POLL = 30000;
const REST = 5000;
const parts = () => $$("[data-live]");
const topicsOf = (part) => part.dataset.live.split(/\s+/).filter(Boolean);
const waiting = new Set();

const isBusy = (part) =>
  part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select") ||
  $$("input[data-pick]:checked", part).length > 0 ||
  $$("form[data-guard]", part).some(isDirty) ||
  $$("details[open], dialog[open]", part).length > 0;

export async function refresh(part) {
  if ((document.hidden && !part.closest("[data-bell]")) || isBusy(part)) {
    waiting.add(part.id);
    return;
  }
  waiting.delete(part.id);
  const address = part.dataset.liveUrl || location.href;
  try {
    const response = await fetch(address, { credentials: "same-origin", headers: { "X-Live": part.id, Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(part.id);
    const now = document.getElementById(part.id);
    if (!fresh || !now || isBusy(now)) return;
    Idiomorph.morph(now, fresh, { ignoreActiveValue: true });
    window.htmx.process(now);
  } catch {
    // The next announcement or poll tries again.
  }
}

const announced = new Set();
const flush = later(250, () => {
  const topics = new Set(announced);
  announced.clear();
  for (const part of parts()) if (topics.has("*") || topicsOf(part).some((topic) => topics.has(topic))) refresh(part);
});

let stream = null;
let poll = null;
let failures = 0;

function pollInstead() {
  poll ||= setInterval(() => parts().forEach(refresh), POLL);
}

function connect() {
  const topics = [...new Set(parts().flatMap(topicsOf))];
  if (!set || !topics.length) return;
  if (!window.EventSource) return pollInstead();
  const address = new URL("/events", location.origin);
  address.searchParams.set("set", set);
  for (const topic of topics) address.searchParams.append("topic", topic);
  stream = new EventSource(address);
  stream.onopen = () => {
    failures = 0;
    clearInterval(poll);
    poll = null;
  };
  stream.addEventListener("changed", (event) => {
    announced.add(event.data);
    flush();
  });
  // The right to follow has ended: what may still be seen, the next request says.
  stream.addEventListener("end", () => {
    stream.close();
    pollInstead();
  });
  stream.onerror = () => {
    failures += 1;
    if (stream.readyState === EventSource.CLOSED || failures > 3) {
      stream.close();
      pollInstead();
    }
  };
}

// A browser keeps few connections open to one server: a page out of sight gives its own back, and asks now and then for the bell.
const rest = later(REST, () => {
  stream?.close();
  stream = null;
  pollInstead();
});

connect();
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return rest();
  rest.cancel();
  if (stream) {
    for (const part of parts()) if (waiting.has(part.id)) refresh(part);
    return;
  }
  connect();
  parts().forEach(refresh);
});
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", (event) => {
  if (event.persisted) connect();
});
