// The builder of conditions: a tree of tests and groups in the sheet, written into the address of the list.
import htmx from "htmx.org";
import { $, $$, on } from "./page.js";

const builder = (node) => node.closest("[data-builder]");

/** The kinds of rows within which a node stands, from the list's own inwards. */
function within(node) {
  const steps = [];
  for (let kin = node.closest("[data-kin]"); kin; kin = kin.parentElement.closest("[data-kin]")) steps.unshift(kin.dataset.kin);
  return steps.join(",");
}

function ask(node, target, swap, values) {
  const given = new URLSearchParams({ of: within(node), ...values });
  return htmx.ajax("GET", `${builder(node).dataset.builder}?${given}`, { target, swap });
}

on("click", "[data-node-add]", async (event, button) => {
  const parts = $("[data-parts]", button.closest("fieldset"));
  await ask(parts, parts, "beforeend", button.dataset.nodeAdd === "group" ? { group: "1" } : {});
  $("select", parts.lastElementChild)?.focus();
});
on("change", "[data-node-kin]", async (event, select) => {
  const parts = $("[data-parts]", select.closest("fieldset"));
  if (select.value) await ask(parts, parts, "beforeend", { kin: select.value });
  select.value = "";
});
on("click", "[data-node-remove]", (event, button) => {
  const node = button.closest("[data-node]");
  const next = node.nextElementSibling || node.previousElementSibling;
  node.remove();
  $("select", next || $("[data-builder]"))?.focus();
});
on("change", "[data-term-column]", async (event, select) => {
  const term = select.closest("[data-node]");
  const parts = term.parentElement;
  const at = [...parts.children].indexOf(term);
  await ask(term, term, "outerHTML", { name: select.value });
  $("[data-term-operator]", parts.children[at])?.focus();
});
on("change", "[data-term-operator]", (event, select) => {
  const editor = select.selectedOptions[0].dataset.editor;
  for (const part of $$("[data-editor-of]", select.closest("[data-node]"))) part.hidden = part.dataset.editorOf !== editor;
});

/** What a test asks: nothing while its editor is empty. */
function rawOf(term) {
  const { editor, before, after, whole } = $("[data-term-operator]", term).selectedOptions[0].dataset;
  if (whole) return whole;
  const part = $(`[data-editor-of="${editor}"]`, term);
  const low = $("[data-low]", part)?.value.trim();
  const high = $("[data-high]", part)?.value.trim();
  let value = $("[data-value]", part)?.value.trim() ?? "";
  if (low !== undefined) value = low || high ? `${low}..${high}` : "";
  else if (!$("[data-value]", part))
    value = $$("input:checked, input[type=hidden]", part).map((field) => field.value).filter(Boolean).join(",");
  return value && `${before}${value}${after}`;
}

const children = (node) => [...$("[data-parts]", node).children];
const nameOf = (term) => $("[data-term-column]", term).value;

function written(node) {
  if (node.dataset.node === "term") {
    const raw = rawOf(node);
    return raw && `${nameOf(node)}:${raw.replace(/[;()~]/g, "~$&")}`;
  }
  const parts = children(node).map(written).filter(Boolean);
  if (!parts.length && !node.dataset.kin) return "";
  return `${$("[data-node-mode]", node).value}(${[node.dataset.kin, ...parts].filter(Boolean).join(";")})`;
}

/** Plain tests that all hold stand as filters of their own, each with its pill; all else stands together. */
function applied(form) {
  const address = new URL(location.href);
  for (const name of [...address.searchParams.keys()]) if (name.startsWith("f.") || name === "where" || name === "page") address.searchParams.delete(name);
  const root = $("fieldset", form);
  if ($("[data-node-mode]", root).value !== "all") {
    const where = written(root);
    if (where) address.searchParams.set("where", where);
    return address;
  }
  const rest = [];
  for (const node of children(root)) {
    const raw = node.dataset.node === "term" ? rawOf(node) : "";
    const name = raw && `f.${nameOf(node)}`;
    if (raw && !address.searchParams.has(name)) address.searchParams.set(name, raw);
    else if (written(node)) rest.push(written(node));
  }
  if (rest.length) address.searchParams.set("where", rest.length === 1 ? rest[0] : `all(${rest.join(";")})`);
  return address;
}

on("submit", "form[data-builder]", (event, form) => {
  event.preventDefault();
  event.stopPropagation();
  location.assign(applied(form));
});
on("click", "[data-builder-clear]", (event, button) => {
  $("[data-parts]", builder(button)).replaceChildren();
});
