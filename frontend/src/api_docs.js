// The API's documentation: copy an example, try a call with a key that stays in this page alone.
const key = document.getElementById("api-key");

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy-code]");
  if (copy) {
    await navigator.clipboard.writeText(copy.parentElement.querySelector("pre").textContent);
    copy.textContent = copy.dataset.copied;
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".api-try");
  if (!form) return;
  event.preventDefault();
  const out = form.querySelector("pre");
  out.hidden = false;
  if (!key.value.trim()) {
    out.textContent = key.dataset.needed;
    key.focus();
    return;
  }
  const method = form.dataset.method;
  const headers = { Authorization: `Bearer ${key.value.trim()}`, "Accept-Language": document.documentElement.lang };
  const body = form.elements.body?.value;
  if (method !== "GET") headers["Idempotency-Key"] = crypto.randomUUID?.() ?? `try-${Date.now()}-${Math.random()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const started = performance.now();
  try {
    const answer = await fetch(form.elements.address.value, { method, headers, body, credentials: "omit" });
    const text = await answer.text();
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // Not JSON: a file, or nothing.
    }
    out.textContent = `${answer.status} · ${Math.round(performance.now() - started)} ms\n${shown.slice(0, 20000)}`;
  } catch (error) {
    out.textContent = String(error);
  }
});
