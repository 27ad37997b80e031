// A checked answer on the page: sentences with their marks, footnotes, what to read with care, what was looked at.

import { attach, pageOf, paragraph, QUIET, verdict } from "./card.js";
import { h, announce } from "./dom.js";
import { say, text } from "./i18n.js";
import { nearest } from "./nearest.js";
import { sourceLink } from "./route.js";
import { around, pieces, place, tongue } from "./text.js";


const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}]+/u; // what may not begin a line, as it would below a button

/** One sentence; `written` is its stretch of the answer, `citations` maps a mark to its footnote. */
export function sentence(record, written, citations) {
  const element = h("span", { class: "sentence", "data-verdict": record.verdict });
  const [parts] = pieces(written, [record]);
  for (const part of parts) {
    if (typeof part !== "string") {
      element.append(mark(part, record, citations));
      continue;
    }
    const [closing] = CLOSING.exec(part) || [""];
    if (closing && element.lastElementChild) element.append(h("span", { class: "kept" }, element.lastChild, closing));
    element.append(part.slice(closing.length));
  }
  if (!QUIET.includes(record.verdict)) element.append(" ", verdict(record.verdict));
  element.addEventListener("click", (event) => tapped(event, element));
  return element;
}

function mark(number, record, citations) {
  const citation = citations.get(number);
  if (!citation) return `[${number}]`;
  const label = ["mark", { mark: number, verdict: record.verdict, place: place(citation) }];
  const button = h(
    "button",
    {
      type: "button",
      class: "mark",
      "data-verdict": record.verdict,
      "data-mark": number,
      "aria-expanded": "false",
      label,
    },
    String(number),
  );
  attach(button, () => ({ citation: citations.get(number), record }));
  return h("sup", {}, button);
}

/** A tap on the words is a tap on their first mark, unless somebody is selecting text. */
function tapped(event, element) {
  if (event.target.closest("button, a, .card") || !getSelection().isCollapsed) return;
  element.querySelector(".mark")?.click();
}

/** The whole answer into `prose`, sentence by sentence. */
export function prose(answer) {
  const citations = new Map(answer.citations.map((citation) => [citation.mark, citation]));
  const stretches = pieces(answer.answer, answer.sentences).map(joined);
  return answer.sentences.map((record, i) => sentence(record, stretches[i], citations));
}

const joined = (parts) => parts.map((part) => (typeof part === "string" ? part : `[${part}]`)).join("");

/** Everything below the sentences. */
export function below(answer, thumbs) {
  const parts = answer.refused
    ? [reason(answer), remarks("notes", notes(answer)), nearest(answer.question, answer.hits), byline(answer, thumbs)]
    : [
        byline(answer, thumbs),
        remarks("notes", notes(answer)),
        remarks("problems", problems(answer.sentences)),
        footnotes(answer),
        looked(answer.hits),
      ];
  return parts.filter(Boolean);
}

/** Why there is no answer, and how near the passages came. */
function reason({ refused, confidence, hits }) {
  const near = confidence !== null && hits.length > 0 && ["refused.evidence", { percent: percent(confidence) }];
  return h("p", { class: "reason" }, h("span", { t: [`refused.${refused}`] }), near && h("span", { t: near }));
}

const percent = (share) => Math.round(100 * share);

function notes(answer) {
  const { rewrite, notes: told = [] } = answer.model;
  const own = rewrite ? [h("li", { t: ["rewritten", { question: rewrite.question }] })] : [];
  if (foreign(answer)) own.push(h("li", { t: ["foreign", { language: tongue(answer.answer) }] }));
  return [...own, ...told.map((sentence) => h("li", { t: ["server", { sentence }] }))];
}

/** Whether the documents are quoted in another script than the question's. */
function foreign(answer) {
  const words = answer.answer.replace(/\[\d{1,3}\]/g, "");
  return !answer.refused && isQuoted(answer) && /\p{L}/u.test(words) && tongue(words) !== tongue(answer.question);
}

const isQuoted = ({ model }) => model.kind === "extractive" || Boolean(model.fallback);

function problems(sentences) {
  return sentences
    .filter((record) => record.problems.length)
    .map((record) =>
      h(
        "li",
        {},
        h("q", {}, record.text.trim()),
        ...record.problems.map((sentence) => h("span", { class: "problem", t: ["server", { sentence }] })),
      ),
    );
}

function remarks(key, items) {
  if (!items.length) return null;
  return h("section", { class: `remarks ${key}` }, h("h3", { t: [key] }), h("ul", {}, ...items));
}

/** How many sentences have which verdict: [["quoted", 2], ["partly", 1]]. */
function counted(sentences) {
  const counts = new Map();
  for (const { verdict: name } of sentences)
    if (name !== "nothing_to_check") counts.set(name, (counts.get(name) || 0) + 1);
  return Array.from(counts);
}

/** What is known of the sentences, and, which is another thing, of whether they answer the question. */
function byline(answer, thumbs) {
  const { name } = answer.model;
  const quoted = isQuoted(answer);
  const ms =
    Object.values(answer.timings_ms).reduce((sum, value) => sum + value, 0) - (answer.timings_ms.first_text || 0);
  if (answer.refused) return h("div", { class: "byline" }, thumbs);
  return h(
    "div",
    { class: "byline" },
    h("p", {}, h("span", { t: [quoted ? "by.extractive" : "by.endpoint", { name, ms }] })),
    h("p", { class: "verdicts" }, ...counted(answer.sentences).map(([each, n]) => verdict(each, n))),
    answer.confidence !== null && h("p", { t: ["answers", { percent: percent(answer.confidence) }] }),
    h(
      "p",
      { class: "acts" },
      navigator.clipboard &&
        h("button", { type: "button", class: "quiet", t: ["copy"], onclick: (event) => copy(event.target, answer) }),
      thumbs,
    ),
  );
}

async function copy(button, answer) {
  const lines = answer.citations.map(
    (c) => `[${c.mark}] ${place(c)}${c.page ? `, ${text("page", { page: c.page })}` : ""}`,
  );
  try {
    await navigator.clipboard.writeText([answer.answer, "", ...lines].join("\n"));
  } catch {
    return; // the browser forbids it; the text can still be selected
  }
  say(button, "copied");
  announce(text("copied"));
  setTimeout(() => say(button, "copy"), 2000);
}

function footnotes(answer) {
  if (!answer.citations.length) return null;
  const items = answer.citations.map((citation) =>
    h(
      "li",
      { value: citation.mark, "data-mark": citation.mark },
      h(
        "div",
        { class: "note-head" },
        sourceLink(citation, citation.quote, { class: "place", dir: "auto" }, place(citation)),
        pageOf(citation),
        ...verdicts(citation, answer.sentences),
      ),
      h("p", { class: "passage short", dir: "auto" }, ...quoted(citation)),
    ),
  );
  return h("section", { class: "footnotes", label: ["footnotes"] }, h("ol", {}, ...items));
}

/** What was found for the sentences that carry the footnote; counted where it differs. */
function verdicts({ mark }, sentences) {
  const counts = new Map();
  for (const { marks, verdict: name } of sentences)
    if (marks.includes(mark)) counts.set(name, (counts.get(name) || 0) + 1);
  return Array.from(counts, ([name, n]) => verdict(name, counts.size > 1 ? n : null));
}

/** The quote; without one the paragraph, from its beginning. */
function quoted(citation) {
  return citation.quote ? [around(citation, citation.quote)[1]] : paragraph(citation, null);
}

function looked(hits) {
  if (!hits.length) return null;
  const items = hits.map((hit) =>
    h(
      "li",
      {},
      sourceLink(hit, null, { class: "place", dir: "auto" }, place(hit)),
      h("p", { class: "passage short", dir: "auto" }, ...paragraph(hit, null)),
    ),
  );
  return h("details", { class: "looked" }, h("summary", { t: ["looked", { n: hits.length }] }), h("ol", {}, ...items));
}

/** What a screen reader hears when the answer is there. */
export function spoken(answer) {
  const words = answer.answer.replace(/\[\d{1,3}\]/g, "");
  const told = counted(answer.sentences).map(([name, n]) => `${text(`verdict.${name}`)} ${text("verdict.of", { n })}`);
  const end = answer.refused ? text(`refused.${answer.refused}`) : told.join(", ");
  return text("answered", { answer: words, summary: end });
}
