// After a value was changed where it stands, what the list says of its rows as a whole comes anew: their number, sums and headings.
import htmx from "htmx.org";
import { $, $$, later } from "./page.js";

const WAIT = 150;
const keyOf = (heading) => $("a.toggle", heading).getAttribute("href");
const rowIn = (body, id) => $(`tr[data-id="${CSS.escape(id)}"]`, body);

/** The heading under which a row stands. */
function over(body, id) {
  let line = rowIn(body, id);
  while (line && !line.matches("tr.group")) line = line.previousElementSibling;
  return line && keyOf(line);
}

function regroup(body, fresh, id) {
  if (over(body, id) === over(fresh, id) || $("#cell-edit") || $("input[data-pick]:checked", body)) {
    const found = new Map($$("tr.group", fresh).map((heading) => [keyOf(heading), heading]));
    for (const heading of $$("tr.group", body)) if (found.has(keyOf(heading))) heading.replaceWith(found.get(keyOf(heading)));
    return;
  }
  const name = document.activeElement?.dataset.edit;
  body.replaceWith(fresh);
  const row = rowIn(fresh, id);
  row?.classList.add("at");
  const cell = row && name && $(`[data-edit="${CSS.escape(name)}"]`, row);
  if (!cell) return;
  cell.tabIndex = -1;
  cell.focus();
}

const add = later(WAIT, async (id) => {
  const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of [".bar .count", ".list-foot .sums"]) {
    const [now, fresh] = [$(part), $(part, page)];
    if (!now || !fresh) continue;
    now.replaceWith(fresh);
    htmx.process(fresh);
  }
  const [body, fresh] = [$("[data-rows] tbody"), $("[data-rows] tbody", page)];
  if (fresh && $("tr.group", body)) regroup(body, fresh, id);
});
document.addEventListener("guanxi:row", (event) => add(event.detail.id));
