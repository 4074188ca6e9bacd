// Cards of a board: dropped into another column, the operation is done at once; what is decided for good is asked first.
import { draggable, shadow, under } from "./drag.js";
import { $ } from "./page.js";

const board = () => $("[data-board]");
const PILE = "[data-board] [data-pile]";

function mark(dragged, pile) {
  if (dragged.over === pile) return;
  dragged.over?.classList.remove("is-over");
  dragged.over = pile;
  pile?.classList.add("is-over");
}

draggable("[data-board] [data-card]", {
  lift(card, target, x, y) {
    const dragged = { card, home: card.closest(PILE), shadow: shadow(card, x, y), over: null };
    card.classList.add("is-dragged");
    return dragged;
  },
  move(dragged, x, y) {
    dragged.shadow.move(x, y);
    const pile = under(PILE, x, y);
    mark(dragged, pile === dragged.home ? null : pile);
  },
  drop({ card, over }) {
    if (!over) return;
    const { board: operation, parameter } = board().dataset;
    const back = location.pathname + location.search;
    const sent = { [parameter]: over.dataset.pile, key: crypto.randomUUID(), back };
    const [act, values] = over.dataset.asks ? [`${over.dataset.asks}/?${new URLSearchParams({ back })}`] : [`${operation}/`, sent];
    document.dispatchEvent(new CustomEvent("guanxi:open", { detail: { url: `${card.dataset.card}act/${act}`, values } }));
  },
  end(dragged) {
    dragged.over?.classList.remove("is-over");
    dragged.shadow.remove();
    dragged.card.classList.remove("is-dragged");
  },
  scrollers: (x, y) => [board(), under(".deals", x, y)].filter(Boolean),
});
