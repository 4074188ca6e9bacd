// Reference fields: type to search, choose with the keyboard or the mouse. Markup: components/reference.html.
// Answers of `data-url?q=`: {"results": [{"id", "label", "detail"}], "more": bool, "create": address or null}.
import htmx from "htmx.org";
import { $, $$, each, element, icon, json, later, marked, ownAddress, say } from "./page.js";

// Marks a text that was typed without choosing: the server looks it up by its key (guanxi/kernel/screens/forms.py).
export const FREE = "~";
let count = 0;

class Combobox {
  constructor(root) {
    this.root = root;
    this.input = $("input[role=combobox]", root);
    this.hidden = $("[data-combo-value]", root);
    this.many = root.dataset.many !== undefined;
    this.inLines = Boolean(root.closest("[data-lines]"));
    this.options = [];
    this.at = -1;
    this.asked = 0;
    // What was typed and refused is not chosen: it is looked for again.
    this.chosen = this.isFree() ? "" : this.input.value;
    root.combobox = this;
    this.ask = later(120, () => this.fetch());

    this.input.addEventListener("input", (event) => {
      if (event.isComposing) return;
      this.typed();
    });
    // While an input method is composing, its own keys and half-made words are not ours.
    this.input.addEventListener("compositionend", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("mousedown", () => {
      if (document.activeElement === this.input && !this.list) this.fetch();
    });
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.leave());
    root.addEventListener("click", (event) => {
      const remove = event.target.closest("[data-remove]");
      if (remove) this.remove(remove.closest(".chip"));
      else if (event.target.closest(".clear")) {
        this.choose(null);
        this.input.focus();
      }
    });
  }

  /** Whether a text that was typed stands there instead of a choice. */
  isFree() {
    return !this.many && this.hidden.value.startsWith(FREE);
  }

  typed() {
    this.waiting = true;
    this.hurry = false;
    if (!this.many && this.input.value === "") this.choose(null, false);
    this.ask();
  }

  async fetch() {
    const turn = ++this.asked;
    const typed = this.input.value === this.chosen && !this.many ? "" : this.input.value;
    const url = new URL(this.root.dataset.url, location.href);
    url.searchParams.set("q", typed);
    for (const name of (this.root.dataset.with || "").split(" ").filter(Boolean)) {
      const other = this.input.form?.elements[name];
      if (other?.value) url.searchParams.set(name, other.value);
    }
    try {
      const answer = await json(url);
      if (turn !== this.asked || document.activeElement !== this.input) return;
      this.waiting = false;
      this.show(answer, typed);
      // Enter came before the answer, as from a bar-code scanner: take what fits best. Among lines an unknown code waits for another Enter.
      if (this.hurry && (answer.results.length || !this.inLines)) this.pick(0, true);
      this.hurry = false;
    } catch (error) {
      this.waiting = false;
      if (turn === this.asked) this.note(error.status === 403 ? say("forbidden") : say("offline"));
    }
  }

  open() {
    if (!this.list) {
      const id = `options-${++count}`;
      this.list = element("div", { class: "combo-list", id, role: "listbox", "aria-label": this.input.getAttribute("aria-label") || say("choices") });
      (this.input.closest("dialog, main") || document.body).append(this.list);
      if (this.list.showPopover) {
        this.list.popover = "manual";
        this.list.showPopover();
      }
      this.list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const option = event.target.closest("[role=option]");
        if (option) this.pick(Number(option.dataset.at));
      });
      this.input.setAttribute("aria-controls", id);
      this.place = () => this.position();
      addEventListener("scroll", this.place, true);
      addEventListener("resize", this.place);
    }
    this.input.setAttribute("aria-expanded", "true");
  }

  position() {
    if (!this.list) return;
    const field = this.input.getBoundingClientRect();
    const below = innerHeight - field.bottom;
    const height = Math.min(320, this.list.scrollHeight);
    const up = below < height + 12 && field.top > below;
    const width = Math.max(field.width, 240);
    this.list.style.width = `${Math.max(width, Math.min(420, innerWidth - 24))}px`;
    if (field.width >= 240) this.list.style.width = `${Math.max(field.width, 300)}px`;
    const real = this.list.offsetWidth;
    this.list.style.left = `${Math.max(8, Math.min(field.left, innerWidth - real - 8))}px`;
    this.list.style.top = up ? `${field.top - height - 4}px` : `${field.bottom + 4}px`;
    this.list.style.maxHeight = `${Math.max(120, Math.min(320, (up ? field.top : below) - 12))}px`;
  }

  show(answer, typed) {
    this.open();
    this.options = answer.results.map((result) => ({ ...result }));
    const rows = this.options.map((option, at) =>
      element(
        "div",
        { role: "option", id: `${this.list.id}-${at}`, "data-at": at, "aria-selected": "false" },
        element("span", {}, ...marked(option.label, typed)),
        option.detail ? element("span", { class: "detail" }, ...marked(option.detail, typed)) : null,
      ),
    );
    if (!rows.length) rows.push(element("div", { class: "note" }, typed ? say("nothing_found", { q: typed }) : say("nothing_here")));
    if (answer.more) rows.push(element("div", { class: "note" }, say("type_more")));
    if (answer.create && ownAddress(answer.create)) {
      this.options.push({ create: answer.create, typed });
      rows.push(
        element(
          "div",
          { role: "option", class: "more", id: `${this.list.id}-${this.options.length - 1}`, "data-at": this.options.length - 1, "aria-selected": "false" },
          icon("plus", "s"),
          element("span", {}, typed ? say("create_named", { q: typed }) : say("create")),
        ),
      );
    }
    this.list.replaceChildren(...rows);
    this.mark(typed && this.options.length ? 0 : -1);
    this.position();
  }

  note(text) {
    this.open();
    this.options = [];
    this.list.replaceChildren(element("div", { class: "note" }, text));
    this.position();
  }

  mark(at) {
    this.at = at;
    for (const row of $$("[role=option]", this.list)) {
      const on = Number(row.dataset.at) === at;
      row.setAttribute("aria-selected", String(on));
      if (on) {
        row.scrollIntoView({ block: "nearest" });
        this.input.setAttribute("aria-activedescendant", row.id);
      }
    }
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const open = Boolean(this.list);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!open) {
        if (this.inLines) return;
        event.preventDefault();
        this.fetch();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const size = this.options.length;
      if (size) this.mark((this.at + step + size + (this.at < 0 && step < 0 ? 1 : 0)) % size);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      // The form is saved with what is marked.
      if (open && this.at >= 0 && !this.options[this.at].create) this.pick(this.at);
    } else if (event.key === "Enter" && this.waiting && this.input.value) {
      event.preventDefault();
      event.stopPropagation();
      this.hurry = true;
    } else if (event.key === "Enter" && open && this.at >= 0) {
      event.preventDefault();
      event.stopPropagation();
      this.pick(this.at, true);
    } else if (event.key === "Enter" && !this.inLines && this.input.value.trim() && this.input.value !== this.chosen) {
      // A text that names nothing is no reason to send the form.
      event.preventDefault();
      if (!open) this.fetch();
    } else if (event.key === "Tab" && open && this.at >= 0 && !this.options[this.at].create) {
      this.pick(this.at);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && this.many && this.input.value === "") {
      this.remove($$(".chip", this.root).at(-1));
    }
  }

  /** `isEntered`: by Enter, so that the next field follows among lines. */
  pick(at, isEntered = false) {
    const option = this.options[at];
    if (!option) return;
    if (option.create) {
      this.close();
      const url = new URL(option.create, location.href);
      url.searchParams.set("quick", "1");
      if (option.typed) url.searchParams.set("typed", option.typed);
      this.input.id ||= `field-${++count}`;
      document.dispatchEvent(new CustomEvent("guanxi:open", { detail: { url: url.href, asker: this } }));
      return;
    }
    this.choose(option);
    if (isEntered) this.root.dispatchEvent(new CustomEvent("guanxi:entered", { bubbles: true }));
  }

  choose(option, tell = true) {
    if (this.many) {
      if (option) this.add(option);
      this.input.value = "";
    } else {
      this.hidden.value = option ? option.id : "";
      if (option || tell) this.input.value = option ? option.label : "";
      this.chosen = option ? option.label : "";
    }
    const clear = $(".clear", this.root);
    if (clear) clear.hidden = !option;
    this.close();
    this.root.dispatchEvent(new CustomEvent("guanxi:chosen", { bubbles: true, detail: option }));
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  add(option) {
    if ($$("input[type=hidden]", this.root).some((field) => field.value === String(option.id))) return;
    const chip = element(
      "span",
      { class: "chip" },
      option.label,
      element("input", { type: "hidden", name: this.root.dataset.name, value: option.id }),
      element("button", { type: "button", "data-remove": true, "aria-label": say("remove_named", { name: option.label }) }, icon("x", "s")),
    );
    $(".chips", this.root).insertBefore(chip, this.input);
  }

  remove(chip) {
    if (!chip) return;
    chip.remove();
    this.input.focus();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    this.waiting = false;
    this.ask.cancel();
    this.asked++;
    this.close();
    if (this.many) return;
    // Free text stays and is sent as it is: the server resolves a code or a unique name, or says why not.
    if (this.settle()) this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Text without a choice becomes what is sent; whether something changed by that. */
  settle() {
    const text = this.input.value.trim();
    if (this.many) {
      if (text) this.choose({ id: FREE + text, label: text });
      return Boolean(text);
    }
    if (this.input.value === this.chosen || this.hidden.value === FREE + text) return false;
    this.hidden.value = text && FREE + text;
    this.chosen = "";
    delete this.hidden.dataset.auto;
    return true;
  }

  close() {
    if (!this.list) return;
    removeEventListener("scroll", this.place, true);
    removeEventListener("resize", this.place);
    this.list.remove();
    this.list = null;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.input.removeAttribute("aria-controls");
  }
}

each("[data-combo]", (root) => new Combobox(root));
// A form can be sent out of a field that was not left yet.
document.addEventListener(
  "submit",
  (event) => event.target.method === "post" && $$("[data-combo]", event.target).forEach((root) => root.combobox?.settle()),
  true,
);

// A record made from inside a choice field: put it where it was asked for.
let asker = null;
document.addEventListener("guanxi:open", (event) => (asker = event.detail.asker || null));
document.body.addEventListener("created", (event) => {
  if (!asker) return;
  asker.choose({ id: event.detail.id, label: event.detail.label });
  asker.input.focus();
  asker = null;
  htmx.trigger(document.body, "guanxi:close-dialog");
});
