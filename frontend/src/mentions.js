// Typing @ in a box that has data-mentions="address" offers members; who may not see the record is greyed and not taken.
import { $, $$, each, element, json, later, marked, say } from "./page.js";

const ASKED = /(?:^|[^A-Za-z0-9._%+\-@])@([^\s@]{0,20})$/;
let count = 0;

class Mentions {
  constructor(form) {
    this.form = form;
    this.area = $("textarea", form);
    this.turn = 0;
    this.ask = later(120, () => this.fetch());
    this.area.setAttribute("aria-autocomplete", "list");
    this.area.addEventListener("input", (event) => event.isComposing || this.look());
    this.area.addEventListener("compositionend", () => this.look());
    this.area.addEventListener("keydown", (event) => this.key(event), true);
    this.area.addEventListener("blur", () => this.close());
    for (const radio of $$("[data-placeholder]", form)) radio.addEventListener("change", () => this.kind(radio));
  }

  kind(radio) {
    this.area.placeholder = radio.dataset.placeholder;
    this.area.setAttribute("aria-label", radio.dataset.placeholder);
  }

  /** What is typed after the @ before the caret, or null. */
  typed() {
    const found = ASKED.exec(this.area.value.slice(0, this.area.selectionStart));
    return found ? found[1] : null;
  }

  look() {
    if (this.typed() === null) this.close();
    else this.ask();
  }

  async fetch() {
    const typed = this.typed();
    const turn = ++this.turn;
    if (typed === null) return;
    const url = new URL(this.form.dataset.mentions, location.href);
    url.searchParams.set("q", typed);
    try {
      const { results } = await json(url);
      if (turn === this.turn && document.activeElement === this.area && this.typed() !== null) this.show(results, typed);
    } catch {
      this.close();
    }
  }

  show(results, typed) {
    if (!results.length) return this.close();
    if (!this.list) {
      this.list = element("div", { class: "combo-list mentions", id: `mentions-${++count}`, role: "listbox", "aria-label": say("colleagues") });
      (this.area.closest("dialog, main") || document.body).append(this.list);
      if (this.list.showPopover) {
        this.list.popover = "manual";
        this.list.showPopover();
      }
      this.list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const option = event.target.closest("[role=option]");
        if (option) this.pick(Number(option.dataset.at));
      });
      this.area.setAttribute("aria-controls", this.list.id);
    }
    this.options = results;
    this.list.replaceChildren(
      ...results.map((one, at) =>
        element(
          "div",
          { role: "option", id: `${this.list.id}-${at}`, "data-at": at, "aria-selected": "false", "aria-disabled": one.may ? false : "true" },
          element("span", { class: `av c${(one.id % 8) + 1}`, "aria-hidden": "true" }, one.letter),
          element("span", {}, ...marked(one.label, typed)),
          element("span", { class: "detail" }, one.may ? one.detail : say("may_not_see")),
        ),
      ),
    );
    const field = this.area.getBoundingClientRect();
    const up = innerHeight - field.bottom < this.list.offsetHeight + 12 && field.top > innerHeight - field.bottom;
    this.list.style.left = `${Math.max(8, Math.min(field.left + 8, innerWidth - this.list.offsetWidth - 8))}px`;
    this.list.style.top = up ? `${field.top - this.list.offsetHeight - 4}px` : `${field.bottom + 2}px`;
    this.mark(results[0].may ? 0 : -1);
  }

  mark(at) {
    this.at = at;
    for (const row of this.list.children) row.setAttribute("aria-selected", String(Number(row.dataset.at) === at));
    if (at < 0) this.area.removeAttribute("aria-activedescendant");
    else this.area.setAttribute("aria-activedescendant", this.list.children[at].id);
  }

  key(event) {
    if (!this.list) return;
    const allowed = this.options.map((one, at) => (one.may ? at : -1)).filter((at) => at >= 0);
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && allowed.length) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.mark(allowed[(allowed.indexOf(this.at) + step + allowed.length) % allowed.length]);
    } else if ((event.key === "Enter" || event.key === "Tab") && this.at >= 0 && !event.ctrlKey && !event.metaKey) this.pick(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  pick(at) {
    const one = this.options[at];
    if (!one?.may) return;
    const caret = this.area.selectionStart;
    const begin = caret - this.typed().length;
    this.area.setRangeText(`${one.label} `, begin, caret, "end");
    this.form.append(element("input", { type: "hidden", name: "mentions", value: one.id }));
    // Only comments speak to somebody: a note on which one is called becomes one.
    const comment = $("input[type=radio][value=comment]", this.form);
    if (comment && !comment.checked) {
      comment.checked = true;
      this.kind(comment);
    }
    this.close();
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    this.ask.cancel();
    this.turn++;
    this.list?.remove();
    this.list = null;
    this.area.removeAttribute("aria-controls");
    this.area.removeAttribute("aria-activedescendant");
  }
}

each("form[data-mentions]", (form) => new Mentions(form));
