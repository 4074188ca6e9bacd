// What every module asks of the page: its words, its account set, delegation of events, icons, escaping.
const body = document.body;

const words = JSON.parse(body.dataset.words || "{}");

/** A translated sentence; `{name}` is filled from `values`. */
export function say(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

export const set = body.dataset.set || "";
export const language = document.documentElement.lang || "en";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** One listener on the document for every element that matches, present or future. */
export function on(type, selector, handler, options) {
  document.addEventListener(
    type,
    (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) handler(event, target);
    },
    options,
  );
}

/** Runs `start` on every element that matches, now and after each part that htmx puts in. */
export function each(selector, start) {
  const run = (root) => {
    const found = root.matches?.(selector) ? [root, ...$$(selector, root)] : $$(selector, root);
    for (const element of found) {
      const mark = `started:${selector}`;
      if (element[mark]) continue;
      element[mark] = true;
      start(element);
    }
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.target));
  document.addEventListener("guanxi:added", (event) => run(event.target));
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

export function icon(name, size = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `i ${size}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** Text with the typed part marked, as nodes: never as HTML. */
export function marked(text, typed) {
  const part = typed.trim().toLowerCase();
  const at = part ? text.toLowerCase().indexOf(part) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), element("mark", {}, text.slice(at, at + part.length)), text.slice(at + part.length)];
}

/** An address of our own site or nothing: what comes from data never becomes `javascript:`. */
export function ownAddress(address) {
  try {
    const url = new URL(address, location.origin);
    return url.origin === location.origin && /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export async function json(address, options = {}) {
  const response = await fetch(address, {
    credentials: "same-origin",
    ...options,
    headers: { Accept: "application/json", ...(options.headers || {}) },
  });
  if (!response.ok) throw Object.assign(new Error(response.statusText), { status: response.status });
  return response.json();
}

export const typing = (target) =>
  target instanceof Element && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function later(wait, run) {
  let timer;
  const delayed = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...values), wait);
  };
  delayed.cancel = () => clearTimeout(timer);
  return delayed;
}
