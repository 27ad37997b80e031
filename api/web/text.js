// Offsets from the server count characters (code points); JavaScript's strings count UTF-16 units.

const MARK = /^\[(\d{1,3})\]/;

const WRAPPED = 60; // columns from which on a line end is taken for the work of an editor, not of the writer
const ITEM = /^\s*(?:[-*•·●○|]|\(?\d+[.)、]|[（(]?[一二三四五六七八九十]+[)）、]|第.{1,4}[章条款])/;

const isWide = (character) => character >= "\u2e80";

/** Characters of a paragraph as shown; a line end that only wraps becomes a space, between Chinese nothing. */
function characters(text) {
  const all = Array.from(text);
  const lines = text.split("\n");
  let at = -1;
  for (const [i, line] of lines.slice(0, -1).entries()) {
    const written = Array.from(line);
    at += written.length + 1;
    const columns = written.reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0);
    if (columns < WRAPPED || !lines[i + 1].trim() || ITEM.test(lines[i + 1])) continue;
    all[at] = isWide(written.at(-1)) && isWide(lines[i + 1][0]) ? "" : " ";
  }
  return all;
}

/** The paragraph in three: before the quote, the quote, after it. No quote: all of it before. */
export function around(paragraph, quote) {
  const all = characters(paragraph.text);
  const from = quote ? Math.max(quote.start - paragraph.start, 0) : all.length;
  const to = quote ? Math.min(quote.end - paragraph.start, all.length) : all.length;
  return [all.slice(0, from), all.slice(from, to), all.slice(to)].map((part) => part.join(""));
}

/**
 * The stretch of a cited paragraph that supports one sentence, as offsets in the source, or null.
 * A footnote's quote spans all sentences that cite it; a sentence has its own where this is the paragraph it is from.
 */
export function support(citation, record) {
  if (["contradicted", "unsupported", "nothing_to_check"].includes(record.verdict)) return null;
  const own = record.quote;
  if (own && Array.from(citation.text).slice(own.start - citation.start, own.end - citation.start).join("") === own.text)
    return { start: own.start, end: own.end };
  const words = record.text.trim().replace(/\s+/g, " ");
  const at = citation.text.replace(/\s/g, " ").indexOf(words);
  if (!words || at < 0) return citation.quote;
  const start = citation.start + Array.from(citation.text.slice(0, at)).length;
  return { start, end: start + Array.from(words).length };
}

/** parts("甲[1]。") -> ["甲", 1, "。"]: what is text and what is a mark. */
export function parts(text) {
  return text
    .split(/(\[\d{1,3}\])/)
    .filter(Boolean)
    .map((part) => (MARK.test(part) ? Number(part.slice(1, -1)) : part));
}

/**
 * An answer's text against its sentences: which stretch belongs to which, and what in it is a mark.
 * pieces("甲。[1]乙[2]。", [{text: "甲。"}, {text: "乙。"}]) -> [["甲。", 1], ["乙", 2, "。"]]
 * White space before a sentence stays with it, marks after a sentence too.
 */
export function pieces(text, sentences) {
  let at = 0;
  return sentences.map((sentence) => {
    const parts = [];
    at = takeSentence(text, at, sentence.text, parts);
    return parts;
  });
}

function takeSentence(text, at, sentence, parts) {
  let next = 0;
  while (at < text.length) {
    const mark = text[at] === "[" && sentence[next] !== "[" ? MARK.exec(text.slice(at, at + 5)) : null;
    if (mark) {
      parts.push(Number(mark[1]));
      at += mark[0].length;
    } else if (next >= sentence.length) {
      const gap = /^[ \u3000]*(?=\[\d{1,3}\])/.exec(text.slice(at, at + 40));
      if (!gap) break;
      push(parts, gap[0]);
      at += gap[0].length;
    } else {
      if (text[at] === sentence[next]) next += 1;
      push(parts, text[at]);
      at += 1;
    }
  }
  return at;
}

function push(parts, character) {
  if (!character) return;
  if (typeof parts.at(-1) === "string") parts[parts.length - 1] += character;
  else parts.push(character);
}

const bare = (text) => text.replace(/\[\d{1,3}\]|\s/g, "");

/** What is left of the raw text once a checked sentence has taken its place; marks may have moved, words have not. */
export function rest(raw, stretch) {
  let left = bare(stretch).length;
  let at = 0;
  while (at < raw.length && left > 0) {
    const mark = MARK.exec(raw.slice(at, at + 5));
    if (mark) at += mark[0].length;
    else {
      if (/\S/.test(raw[at])) left -= 1;
      at += 1;
    }
  }
  const below = /\n\s*\[\d{1,3}\]\s*$/.test(stretch); // its marks stand on a line of their own
  const tail = (below ? /^(?:\s*\[\d{1,3}\])*/ : /^(?:[ \u3000]*\[\d{1,3}\])*/).exec(raw.slice(at))[0].length;
  return raw.slice(at + tail);
}

/** "reports/2024/a.txt" -> ["reports/2024/", "a.txt"] */
export function folderAndName(source) {
  const at = source.lastIndexOf("/") + 1;
  return [source.slice(0, at), source.slice(at)];
}

/** The language of a text by its script, for a screen reader's voice; null where the script does not tell. */
export function tongue(text) {
  if (/[\u3041-\u30fa]/.test(text)) return "ja";
  if (/[\uac00-\ud7a3]/.test(text)) return "ko";
  return /[\u3400-\u9fff]/.test(text) ? "zh" : null;
}

/** How a place is written: "a.txt › 望江区"; the folder is left to the document's own view. */
export function place(item) {
  return [folderAndName(item.source)[1], ...(item.heading || [])].join(" › ");
}
