// A thumb on an answer: it becomes a draft of the eval set beside the library, so that what was right stays right.

import * as api from "./api.js";
import { announce, h } from "./dom.js";
import { say, text } from "./i18n.js";
import { keepTurn } from "./store.js";

/** The two buttons below an answer, shown where the key may write (style sheet). `record` is the kept turn. */
export function thumbs(answer, record) {
  const told = h("span", { class: "faint", t: ["rate"] });
  const buttons = [true, false].map((good) =>
    h("button", { type: "button", class: "quiet", t: [good ? "rate.good" : "rate.bad"], onclick: () => rate(good) }),
  );
  const show = () =>
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(record.rated === (i === 0))));

  async function rate(good) {
    const wanted = record.rated === good ? null : good;
    try {
      await api.feedback(body(answer, wanted));
    } catch (error) {
      return say(told, `error.${error.type || "internal"}`);
    }
    record.rated = wanted;
    keepTurn(record);
    show();
    say(told, wanted === null ? "rate" : "rate.kept");
    announce(text(wanted === null ? "rate" : "rate.kept"));
  }

  show();
  return h("span", { class: "thumbs" }, told, ...buttons);
}

function body(answer, good) {
  return {
    question: answer.question,
    answer: Array.from(answer.answer.replace(/\[\d{1,3}\]/g, "")).slice(0, 20_000).join(""),
    good,
    refused: Boolean(answer.refused),
    quotes: answer.citations
      .slice(0, 50)
      .map(({ source, quote, start, text: words }) => (quote ? { source, ...cut(quote) } : { source, ...cut({ start, text: words }) })),
  };
}

const cut = ({ start, text: words }) => ({ start, text: Array.from(words).slice(0, 20_000).join("") });
