// Why a line has its price: the steps stand in a <template> behind the button (guanxi/web/why.py) and open in a small dialog.
import { on } from "./page.js";

let shown;

on("click", "[data-why]", (event, button) => {
  event.preventDefault();
  if (!shown) {
    shown = Object.assign(document.createElement("dialog"), { className: "sheet" });
    shown.addEventListener("click", (click) => click.target === shown && shown.close());
    document.body.append(shown);
  }
  shown.replaceChildren(button.nextElementSibling.content.cloneNode(true));
  shown.showModal();
});
