// A refusal shows the passages that came nearest, and what of the question each of them lacks.

import { h } from "./dom.js";
import { sourceLink } from "./route.js";
import { place } from "./text.js";

const NEAREST = 3;
const LONGEST = 200; // characters of a question that are looked for
const RUNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|[\p{L}\p{N}][\p{L}\p{N}.,%-]*/gu;
const SMALL = /^\p{Ll}{1,3}$/u; // "the", "did": a passage that lacks them lacks nothing

const plain = (text) => text.normalize("NFKC").toLowerCase();

/**
 * overlap("松岭区引进了多少名博士？", "松岭区新增企业52家。") -> {found: ["松岭区"], missing: ["引进了多少名博士"]}
 * Stretches of characters where words are not spaced, else words.
 */
export function overlap(question, text) {
  const held = plain(text);
  const words = new Set(held.match(RUNS));
  const found = [];
  const missing = [];
  for (const [run] of plain(question).slice(0, LONGEST).matchAll(RUNS)) {
    const parts = run >= "\u2e80" ? stretches(run, held) : [[run, words.has(run)]];
    for (const [part, there] of parts) (there ? found : missing).push(part);
  }
  return { found, missing: missing.filter((part) => !SMALL.test(part)) };
}

/** The longest stretches of two characters and more that the text holds, and what lies between them. */
function* stretches(run, held) {
  let lacking = "";
  for (let at = 0; at < run.length; ) {
    let length = run.length - at;
    while (length > 1 && !held.includes(run.slice(at, at + length))) length -= 1;
    if (length === 1) {
      lacking += run[at];
      at += 1;
      continue;
    }
    if (lacking) yield [lacking, false];
    yield [run.slice(at, at + length), true];
    lacking = "";
    at += length;
  }
  if (lacking) yield [lacking, false];
}

/** The first hits of a refusal as a section; null where nothing was found. */
export function nearest(question, hits) {
  if (!hits.length) return null;
  const items = hits.slice(0, NEAREST).map((hit) => {
    const { found, missing } = overlap(question, [place(hit), hit.text].join("\n"));
    const lacks = found.length > 0 && missing.length > 0 && ["near.lacks", { words: missing }];
    return h(
      "li",
      {},
      sourceLink(hit, null, { class: "place", dir: "auto" }, place(hit)),
      h("p", { class: "passage short", dir: "auto" }, ...marked(hit.text, found)),
      lacks && h("p", { class: "lacks", t: lacks }),
    );
  });
  return h("section", { class: "looked" }, h("h3", { t: ["near"] }), h("ol", {}, ...items));
}

/** The text with the question's own words marked. */
function marked(text, words) {
  if (!words.length) return [text];
  const any = words.map((word) => word.replace(/[.*+?^${}()|[\]\\-]/g, "\\$&")).join("|");
  return text.split(new RegExp(`(${any})`, "giu")).map((part, i) => (i % 2 ? h("mark", {}, part) : part));
}
