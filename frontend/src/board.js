// Boards: a card is dragged to another lane, or moved with its menu; the server decides and answers with the board.
import htmx from "htmx.org";
import { $$, newKey, on } from "./page.js";

let moving = null;

on("dragstart", ".deal[draggable=true]", (event, card) => {
  moving = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.id);
  requestAnimationFrame(() => card.classList.add("moving"));
});
on("dragend", ".deal", (event, card) => {
  card.classList.remove("moving");
  for (const lane of $$(".lane-cards.over")) lane.classList.remove("over");
  moving = null;
});
on("dragover", "[data-lane]", (event, lane) => {
  if (!moving) return;
  event.preventDefault();
  for (const other of $$(".lane-cards.over")) if (other !== lane) other.classList.remove("over");
  lane.classList.add("over");
});
on("drop", "[data-lane]", (event, lane) => {
  if (!moving) return;
  event.preventDefault();
  const from = moving.closest("[data-lane]");
  if (from === lane) return;
  const board = lane.closest("[data-board]");
  htmx.ajax("POST", board.dataset.moveUrl, {
    target: board,
    swap: "outerHTML",
    values: { id: moving.dataset.id, to: lane.dataset.lane, version: moving.dataset.version || "", key: newKey() },
  });
});
