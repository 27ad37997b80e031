// Where the page is: #/ asks, #/c/ID is a conversation, #/conversations, #/library and #/settings are views,
// #/source/NAME?p=ID&q=FROM-TO shows a document at a paragraph.

import { h } from "./dom.js";

/** A link to a paragraph in its document; `item` has source and paragraph_id, `quote` offsets or null. */
export function sourceLink(item, quote, attributes, ...children) {
  return h("a", { href: sourceHash(item.source, item.paragraph_id, quote), ...attributes }, ...children);
}

export function sourceHash(source, id, quote) {
  const query = new URLSearchParams();
  if (id) query.set("p", id);
  if (quote) query.set("q", `${quote.start}-${quote.end}`);
  const search = query.toString();
  return `#/source/${encodeURIComponent(source)}${search ? `?${search}` : ""}`;
}

export const conversationHash = (id) => `#/c/${id}`;

/** "#/source/a.txt?p=1&q=3-9" -> {view: "source", source: "a.txt", id: "1", quote: {start: 3, end: 9}} */
export function read(hash) {
  const view = /^#\/(conversations|library|settings)$/.exec(hash);
  if (view) return { view: view[1] };
  const talk = /^#\/c\/(\w+)$/.exec(hash);
  if (talk) return { view: "ask", conversation: talk[1] };
  const match = /^#\/source\/([^?]+)(?:\?(.*))?$/.exec(hash);
  if (!match) return hash === "" || hash === "#" || hash.startsWith("#/") ? { view: "ask", conversation: null } : { view: null };
  const query = new URLSearchParams(match[2] || "");
  const span = /^(\d+)-(\d+)$/.exec(query.get("q") || "");
  const quote = span ? { start: Number(span[1]), end: Number(span[2]) } : null;
  return { view: "source", source: decoded(match[1]), id: query.get("p"), quote };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a hand-written address
  }
}
