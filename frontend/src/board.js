// Cards of a board: dropped into another column, the operation is done at once; what is decided for good is asked first.
import { $, on } from "./page.js";

const board = () => $("[data-board]");
const open = (url, values) => document.dispatchEvent(new CustomEvent("guanxi:open", { detail: { url, values } }));
let card = null;

on("dragstart", "[data-board] [data-card]", (event, moved) => {
  card = moved;
  moved.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", moved.dataset.card);
});
on("dragend", "[data-board] [data-card]", (event, moved) => {
  moved.classList.remove("is-dragged");
  for (const pile of document.querySelectorAll(".pile.is-over")) pile.classList.remove("is-over");
  card = null;
});
on("dragover", "[data-board] [data-pile]", (event, pile) => {
  if (!card || pile.contains(card)) return;
  event.preventDefault();
  pile.classList.add("is-over");
});
on("dragleave", "[data-board] [data-pile]", (event, pile) => {
  if (!pile.contains(event.relatedTarget)) pile.classList.remove("is-over");
});
on("drop", "[data-board] [data-pile]", (event, pile) => {
  if (!card) return null;
  event.preventDefault();
  const { board: operation, parameter } = board().dataset;
  const back = location.pathname + location.search;
  // What is not lightly done is asked first.
  if (pile.dataset.asks) return open(`${card.dataset.card}act/${pile.dataset.asks}/?${new URLSearchParams({ back })}`);
  const values = { [parameter]: pile.dataset.pile, key: crypto.randomUUID(), back };
  return open(`${card.dataset.card}act/${operation}/`, values);
});
