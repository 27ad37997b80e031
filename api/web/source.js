// A document's paragraphs in a sheet, scrolled to the one that is cited.

import * as api from "./api.js";
import { contextOf, pageOf, paragraph } from "./card.js";
import { byId, h } from "./dom.js";
import { picture } from "./picture.js";
import { folderAndName, tongue } from "./text.js";

let wanted = ""; // what is being shown, so that a slow reply does not overwrite a later one

export function start(onClose) {
  const sheet = byId("source");
  byId("source-close").addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close()); // the backdrop
  sheet.addEventListener("close", onClose);
}

export function hide() {
  wanted = "";
  if (byId("source").open) byId("source").close();
}

/** Opens the document `source` at the paragraph `id`, its `quote` (offsets in the document, or null) marked. */
export async function show({ source, id, quote }) {
  const request = (wanted = `${source}\n${id}`);
  const body = byId("source-body");
  const [folder, name] = folderAndName(source);
  byId("source-folder").textContent = folder;
  byId("source-title").textContent = name;
  body.replaceChildren(h("p", { class: "faint", t: ["source.loading"] }));
  if (!byId("source").open) byId("source").showModal();
  try {
    const paragraphs = await api.paragraphs(source);
    if (request === wanted) fill(body, paragraphs, id, quote);
  } catch (error) {
    if (request === wanted)
      body.replaceChildren(h("p", { class: "notice bad", role: "alert", t: [`error.${error.type || "internal"}`] }));
  }
}

function fill(body, paragraphs, id, quote) {
  const at = cited(paragraphs, id, quote);
  const parts = paragraphs.flatMap((item, i) => [
    ...headings(item.heading, i ? paragraphs[i - 1].heading : []),
    item.context !== paragraphs[i - 1]?.context && contextOf(item),
    passage(item, i === at ? quote : null, i === at),
    i === at && picture(item, quote),
  ]);
  body.replaceChildren(...parts.filter(Boolean));
  if (id && at < 0) body.prepend(h("p", { class: "notice", t: ["source.gone"] }));
  const target = body.querySelector(".cited");
  if (!target) return body.scrollTo(0, 0);
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}

/** The same words may stand in a document twice: the one that holds the quote is meant, else the first. */
function cited(paragraphs, id, quote) {
  const holds = ({ paragraph_id, start, end }) =>
    paragraph_id === id && quote && start <= quote.start && quote.end <= end;
  const exact = paragraphs.findIndex(holds);
  return exact >= 0 ? exact : paragraphs.findIndex((item) => item.paragraph_id === id);
}

/** The headings that begin here: those that the paragraph before is not under. */
function headings(heading, previous) {
  const same = heading.findIndex((words, level) => words !== previous[level]);
  if (same < 0) return [];
  return heading.slice(same).map((words, i) => h(`h${Math.min(3 + same + i, 6)}`, {}, words));
}

function passage(item, quote, isCited) {
  const words = paragraph(item, isCited ? quote : null, null);
  return h(
    "p",
    {
      class: isCited ? "passage cited" : "passage",
      dir: "auto",
      tabindex: isCited ? "-1" : null,
      "aria-current": isCited ? "true" : null,
      lang: tongue(item.text),
    },
    ...words,
    pageOf(item),
  );
}
