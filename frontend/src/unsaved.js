// What is typed is kept on the server a moment later, so that a closed tab or a crash loses nothing. Secrets and files are not.
import { each, later } from "./page.js";
import { isDirty } from "./forms.js";

each("form[data-keep]", (form) => {
  let last = "";
  let sending;
  const pairs = () => {
    const secret = new Set([...form.querySelectorAll("input[type=password]")].map((field) => field.name));
    return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !secret.has(name) && !["key", "csrfmiddlewaretoken", "version"].includes(name));
  };
  const keep = () => {
    if (!form.isConnected || form.dataset.busy !== undefined || !isDirty(form)) return;
    const fields = JSON.stringify(pairs());
    if (fields === last) return;
    last = fields;
    const body = new FormData();
    body.append("form", form.dataset.kept);
    body.append("fields", fields);
    body.append("version", form.elements.version?.value || "");
    // A request that outlives the page may be small only.
    sending = new AbortController();
    const options = { method: "POST", body, credentials: "same-origin", keepalive: fields.length < 50000, signal: sending.signal };
    fetch(form.dataset.keep, { ...options, headers: { "X-CSRFToken": document.body.dataset.csrf } }).catch(() => (last = ""));
  };
  const soon = later(1200, keep);
  form.addEventListener("submit", () => sending?.abort());
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  addEventListener("pagehide", keep);
});
