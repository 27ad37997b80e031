// A conversation as a Markdown file: questions as headings, footnotes as footnotes.

import { QUIET } from "./card.js";
import { h } from "./dom.js";
import { text } from "./i18n.js";
import { place } from "./text.js";

/** toMarkdown("Title", [{question, answer}]) -> the file's text; a turn without an answer is left as a question. */
export function toMarkdown(title, turns) {
  let used = 0; // footnotes so far: their numbers go on from answer to answer
  const parts = turns.map(({ question, answer }) => {
    const written = answer ? answered(answer, used) : `*${text("unfinished")}*`;
    used += answer ? answer.citations.length : 0;
    return `## ${line(question)}\n\n${written}`;
  });
  return `# ${line(title)}\n\n${parts.join("\n\n")}\n`;
}

/** Keeps it where downloads are kept; made here, nothing is sent. */
export function save(title, turns) {
  const file = new Blob([toMarkdown(title, turns)], { type: "text/markdown;charset=utf-8" });
  const name = title.replace(/[\s/\\:*?"<>|]+/g, " ").trim().slice(0, 60) || "Footnote";
  const link = h("a", { href: URL.createObjectURL(file), download: `${name}.md` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function answered(answer, used) {
  const body = escaped(answer.answer).replace(/\\\[(\d{1,3})\\\]/g, (_, mark) => `[^${Number(mark) + used}]`);
  const reason = answer.refused && `*${text(`refused.${answer.refused}`)}*`;
  const care = answer.sentences.filter((sentence) => !QUIET.includes(sentence.verdict)).map(remark);
  const notes = answer.citations.map((citation) => `[^${citation.mark + used}]: ${note(citation)}`);
  return [body, reason, care.join("\n"), notes.join("\n")].filter(Boolean).join("\n\n");
}

/** What was found wrong with a sentence, as an item of a list. */
function remark({ text: words, verdict, problems }) {
  const said = problems.map((sentence) => text("server", { sentence })).join(" ");
  return `- “${line(words.trim())}”: ${[text(`verdict.${verdict}`), line(said)].filter(Boolean).join(". ")}`;
}

/** "report.txt › 望江区, p. 3: “...” (quoted)" */
function note(citation) {
  const page = citation.page ? `, ${text("page", { page: citation.page })}` : "";
  const words = line((citation.quote || citation).text);
  return `${line(place(citation))}${page}: “${words}” (${text(`verdict.${citation.verdict}`)})`;
}

const line = (words) => escaped(words).replace(/\s+/g, " ");

/** Nothing of a document or a reply becomes markup, least of all a picture that would be fetched. */
const escaped = (words) => words.replace(/[\\`*_[\]<>]/g, "\\$&").replace(/^(\s*)#/gm, "$1\\#");
