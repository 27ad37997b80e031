// One question and its answer on the page, while it is made and when it is done.

import { below, prose, sentence, spoken } from "./answer.js";
import { announce, h } from "./dom.js";
import { close } from "./card.js";
import { say, text } from "./i18n.js";
import { thumbs } from "./rating.js";
import { parts, rest, tongue } from "./text.js";

const DETAILED = ["endpoint", "invalid_request", "unprocessable", "unavailable"]; // where the server's own words help

export class Turn {
  answer = null; // the answer's JSON, once it is done
  #raw = "";
  #citations = new Map();

  /** `record` is the kept turn: {question, answer, rated, ...}. */
  constructor(record) {
    const { question } = record;
    this.record = record;
    this.tail = h("span", { class: "raw" });
    this.prose = h("div", { class: "prose", dir: "auto" }, this.tail);
    this.progress = h("p", { class: "progress", t: ["searching"] });
    this.after = h("div", { class: "after" });
    const heading = h("h2", { class: "asked", dir: "auto", lang: tongue(question) }, question);
    this.element = h("article", { class: "turn", "aria-busy": "true" }, heading, this.prose, this.progress, this.after);
    this.question = question;
  }

  begin() {
    announce(text("searching"));
  }

  /** An answer that was kept. */
  restore(answer) {
    this.#settleAll(answer);
  }

  /** An event of the stream: {name, data}. */
  take({ name, data }) {
    const steps = {
      sources: () => say(this.progress, "writing", { n: data.hits.length }),
      text: () => this.#show(this.#raw + data.text),
      sentence: () => this.#settle(data),
      withdrawn: () => this.#withdraw(data.reason),
      done: () => this.#finish(data),
    };
    steps[name]?.();
  }

  #show(raw) {
    this.#raw = raw;
    this.tail.replaceChildren(
      ...parts(raw).map((part) => (typeof part === "string" ? part : h("sup", {}, String(part)))),
    );
  }

  #settle(record) {
    for (const citation of record.citations) this.#citations.set(citation.mark, citation);
    this.tail.before(sentence(record, record.stretch, this.#citations));
    this.#show(rest(this.#raw, record.stretch));
  }

  #withdraw(reason) {
    close();
    this.#citations = new Map();
    this.prose.replaceChildren(this.tail);
    this.#show("");
    this.after.replaceChildren(
      h(
        "p",
        { class: "notice" },
        h("span", { t: ["withdrawn"] }),
        " ",
        h("span", { t: ["server", { sentence: reason }] }),
      ),
    );
    announce(text("withdrawn"));
  }

  #finish(answer) {
    const focused = this.#focusedMark();
    if (focused >= 0) close();
    this.#settleAll(answer);
    if (focused >= 0) this.prose.querySelectorAll(".mark")[focused]?.focus({ preventScroll: true });
    announce(spoken(answer));
  }

  #settleAll(answer) {
    this.answer = answer;
    this.#end();
    this.element.classList.toggle("refused", Boolean(answer.refused));
    this.prose.lang = tongue(answer.answer) || "";
    this.prose.replaceChildren(...(answer.sentences.length && !answer.refused ? prose(answer) : [answer.answer]));
    this.after.replaceChildren(...below(answer, thumbs(answer, this.record)));
    this.#linkNotes();
  }

  #focusedMark() {
    return Array.from(this.prose.querySelectorAll(".mark")).indexOf(document.activeElement);
  }

  /** A sentence under the pointer or with the focus lights up with its footnotes. */
  #linkNotes() {
    for (const element of this.prose.querySelectorAll(".sentence")) {
      const marks = Array.from(element.querySelectorAll(".mark"), (mark) => mark.dataset.mark);
      const notes = Array.from(this.after.querySelectorAll("[data-mark]")).filter((n) =>
        marks.includes(n.dataset.mark),
      );
      const light = (on) => [element, ...notes].forEach((lit) => lit.classList.toggle("lit", on));
      for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, () => light(true));
      for (const type of ["pointerleave", "focusout"]) element.addEventListener(type, () => light(false));
    }
  }

  #end() {
    this.progress.remove();
    this.element.removeAttribute("aria-busy");
  }

  /** The reader stopped it, or left the page before it was finished. */
  stop(again) {
    this.#end();
    this.element.classList.add("unfinished");
    this.after.append(h("div", { class: "notice" }, h("p", { t: ["stopped"] }), retrying(again)));
    if (this.element.isConnected) announce(text("stopped"));
  }

  /** It failed: one sentence, the server's words where they help, and a way to try again. */
  fail(error, again) {
    this.#end();
    this.element.classList.add("unfinished");
    const detail = DETAILED.includes(error.type) && error.message;
    this.after.append(
      h(
        "div",
        { class: "notice bad", role: "alert" },
        h("p", { t: [`error.${error.type}`] }),
        detail && h("p", { class: "detail", t: ["server", { sentence: error.message }] }),
        retrying(again),
      ),
    );
  }
}

const retrying = (again) => h("button", { type: "button", class: "quiet", t: ["again"], onclick: again });
