// The card that a footnote mark opens: the paragraph, its supporting stretch, and the verdict in words.
// Hover and focus show it, a click or tap pins it, Escape or a click elsewhere closes it.

import { h } from "./dom.js";
import { sourceLink } from "./route.js";
import { around, place, support, tongue } from "./text.js";

const OPEN_AFTER = 120; // milliseconds: a pointer that only passes by opens nothing
const CLOSE_AFTER = 250; // long enough to move from the mark into the card

let shown = null; // {mark, card, pinned}
let timer = 0;

export const QUIET = ["quoted", "supported", "consistent", "nothing_to_check"]; // verdicts that need no words of care

export const VERDICT_SIGNS = {
  quoted: "❝",
  supported: "✓",
  consistent: "≈",
  partly: "◐",
  wrong_paragraph: "↪",
  contradicted: "≠",
  unsupported: "✕",
  not_checked: "?",
  nothing_to_check: "–",
};

/** The verdict as a sign and words, in its colour; with `n`, of how many sentences. */
export function verdict(name, n = null) {
  return h(
    "span",
    { class: "verdict", "data-verdict": name },
    h("span", { "aria-hidden": "true", class: "sign" }, VERDICT_SIGNS[name] || "–"),
    h("span", { t: [`verdict.${name in VERDICT_SIGNS ? name : "nothing_to_check"}`] }),
    n && h("span", { t: ["verdict.of", { n }] }),
  );
}

/** The paragraph's text, the quote marked. */
export function paragraph(item, quote, name) {
  const [before, quoted, after] = around(item, quote);
  return [before, quoted && h("mark", { "data-verdict": name }, quoted), after].filter(Boolean);
}

/** A mark is a button; `note` gives {citation, record of the sentence} when it is opened. */
export function attach(mark, note) {
  mark.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") later(() => open(mark, note()), OPEN_AFTER);
  });
  mark.addEventListener("pointerleave", () => later(closeUnpinned, CLOSE_AFTER));
  mark.addEventListener("focus", () => mark.matches(":focus-visible") && open(mark, note()));
  mark.addEventListener("blur", leave);
  mark.addEventListener("click", () => toggle(mark, note()));
}

function later(action, milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(action, milliseconds);
}

function toggle(mark, note) {
  if (shown?.mark === mark && shown.pinned) return close();
  open(mark, note);
  if (shown) shown.pinned = true;
}

function open(mark, note) {
  clearTimeout(timer);
  if (shown?.mark === mark || !note.citation || !mark.isConnected) return;
  close();
  const card = build(note);
  mark.parentElement.after(card);
  mark.setAttribute("aria-expanded", "true");
  mark.setAttribute("aria-describedby", "card-text");
  shown = { mark, card, pinned: false };
  arrange(mark, card);
  reveal(card);
}

function build({ citation, record }) {
  const quote = support(citation, record);
  const card = h(
    "div",
    { class: "card", id: "card", "data-verdict": record.verdict, role: "group", "aria-labelledby": "card-place" },
    h(
      "div",
      { class: "card-head" },
      verdict(record.verdict),
      h("button", { type: "button", class: "quiet cross", label: ["close"], onclick: () => close(true) }, "×"),
    ),
    h("p", { class: "place", dir: "auto", id: "card-place" }, place(citation), pageOf(citation)),
    contextOf(citation),
    h(
      "p",
      { class: "passage", dir: "auto", id: "card-text", lang: tongue(citation.text) },
      ...paragraph(citation, quote, record.verdict),
    ),
    ...record.problems.map((sentence) => h("p", { class: "problem", t: ["server", { sentence }] })),
    h("p", {}, sourceLink(citation, quote, { t: ["open.source"] })),
  );
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", () => later(closeUnpinned, CLOSE_AFTER));
  card.addEventListener("focusin", () => shown && (shown.pinned = true));
  card.addEventListener("focusout", leave);
  return card;
}

/** What stands beside a paragraph: its page, and that its document is no longer in force or has a newer version. */
export function pageOf(item) {
  return h(
    "span",
    { class: "faint beside" },
    item.page && h("span", { t: ["page", { page: item.page }] }),
    item.superseded && h("span", { class: "superseded", t: ["superseded"] }),
    item.newer_version && h("span", { class: "superseded", t: ["newer", { source: item.newer_version }] }),
  );
}

/** What makes a row or an item understandable: the names of the columns, the line that introduces a list. */
export function contextOf(item) {
  return item.context ? h("p", { class: "faint passage", dir: "auto", lang: tongue(item.context) }, item.context) : null;
}

/** In a long paragraph the card scrolls to what is marked. */
function reveal(card) {
  const marked = card.querySelector("mark");
  if (marked) card.scrollTop = marked.offsetTop - card.clientHeight / 3;
}

/** Below the mark, above it where there is more room; on a phone the style sheet makes it a sheet at the bottom. */
function arrange(mark, card) {
  if (matchMedia("(max-width: 40rem)").matches) return;
  const frame = card.offsetParent.getBoundingClientRect();
  const at = mark.getBoundingClientRect();
  const height = card.offsetHeight;
  const below = innerHeight - at.bottom;
  const top = below < height + 16 && at.top > below ? at.top - height - 6 : at.bottom + 6;
  const left = Math.min(at.left - 28, frame.right - card.offsetWidth);
  card.style.top = `${top - frame.top}px`;
  card.style.left = `${Math.max(left - frame.left, 0)}px`;
}

/** Focus has left the mark or the card: it stays only while focus is in one of the two, or the pointer pinned it. */
function leave(event) {
  if (!shown || !event.relatedTarget || inDialog()) return;
  if (!shown.card.contains(event.relatedTarget) && event.relatedTarget !== shown.mark) close();
}

function closeUnpinned() {
  if (shown && !shown.pinned && !shown.card.contains(document.activeElement)) close();
}

export function close(refocus = false) {
  clearTimeout(timer);
  if (!shown) return;
  const { mark, card } = shown;
  shown = null;
  mark.setAttribute("aria-expanded", "false");
  mark.removeAttribute("aria-describedby");
  if (refocus) mark.focus({ preventScroll: true });
  if (refocus) close(); // focusing the mark may have opened it again
  card.remove();
}

const inDialog = () => document.querySelector("dialog[open]") !== null; // what happens there is not about the card

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !shown || inDialog()) return;
  close(shown.card.contains(document.activeElement));
});
document.addEventListener("click", (event) => {
  if (!shown || inDialog()) return;
  if (!shown.card.contains(event.target) && !event.target.closest?.(".sentence")) close();
});
