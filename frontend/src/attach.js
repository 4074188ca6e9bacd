// Files dropped anywhere on a record's page, pasted, or chosen: sent one by one, with progress, all of them visible.
import { $, $$, each, element, on, say } from "./page.js";
import { toast } from "./toasts.js";

const place = () => $("[data-attach]");
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function send(file, address, row) {
  const bar = element("progress", { max: 100, value: 0, "aria-label": file.name });
  row.append(bar);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const end = (error) => {
      bar.remove();
      row.classList.toggle("bad", Boolean(error));
      row.append(element("span", { class: "small" }, error || say("attached")));
      done(!error);
    };
    request.upload.onprogress = (event) => event.lengthComputable && (bar.value = (100 * event.loaded) / event.total);
    request.onerror = () => end(say("offline"));
    request.onabort = () => end(say("cancelled"));
    request.onload = () => {
      if (request.status === 200) return end("");
      let told = "";
      try {
        told = JSON.parse(request.responseText).error;
      } catch {
        // Not one of our answers: a proxy's page, or none.
      }
      end(told || say(request.status === 401 ? "signed_out" : "failed"));
    };
    const form = new FormData();
    form.append("key", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
    form.append("file", file);
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", document.body.dataset.csrf);
    request.send(form);
  });
}

async function attach(files) {
  const target = place();
  if (!target || !files.length) return;
  const address = target.dataset.attach;
  let list = $(".uploads");
  if (!list) {
    list = element("ul", { class: "uploads floating", "aria-live": "polite" });
    target.append(list);
  }
  let failed = 0;
  const rows = files.map((file) => element("li", {}, element("span", { class: "clip" }, file.name)));
  list.replaceChildren(...rows);
  for (const [at, file] of files.entries()) failed += (await send(file, address, rows[at])) ? 0 : 1;
  if (failed) {
    const said = $(".bad .small", list);
    return toast(said ? said.textContent : say("failed"), "bad");
  }
  const tab = new URL(address.replace(/files\/$/, "?tab=files"), location.href);
  if (tab.href === location.href) location.reload();
  else location.assign(tab);
}

let depth = 0;
const mark = (shown) => {
  const target = place();
  if (!target) return;
  target.classList.toggle("dropping", shown);
  target.dataset.drop = shown ? say("drop_here") : "";
};
document.addEventListener("dragenter", (event) => {
  if (!hasFiles(event) || !place()) return;
  depth += 1;
  mark(true);
});
document.addEventListener("dragleave", (event) => {
  if (!hasFiles(event) || !place()) return;
  depth -= 1;
  if (depth <= 0) mark(false);
});
document.addEventListener("dragover", (event) => {
  if (hasFiles(event) && place()) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (!hasFiles(event) || !place() || event.target.closest?.("input[type=file]")) return;
  event.preventDefault();
  depth = 0;
  mark(false);
  attach([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || !place()) return;
  event.preventDefault();
  attach(files);
});

on("change", "[data-attach-form] input[type=file]", (event, field) => {
  attach([...field.files]);
  field.value = "";
});
each("[data-without-script]", (button) => (button.hidden = true));
