// Where to look: all documents, or those that are ticked, folders too.

import { byId, h } from "./dom.js";
import { say } from "./i18n.js";
import { folderAndName } from "./text.js";

const LONGEST = 200; // characters of a pattern that the server takes
const MOST = 200; // patterns

let sources = [];
let chosen = []; // patterns
let changed = () => {};

/** `onChange` is called with the patterns when others are chosen. */
export function start(onChange) {
  changed = onChange;
  const dialog = byId("scope");
  byId("scope-open").addEventListener("click", () => {
    byId("scope-find").value = "";
    fill();
    dialog.showModal();
  });
  byId("scope-find").addEventListener("input", fill);
  byId("scope-all").addEventListener("click", () => set([]));
  byId("scope-close").addEventListener("click", () => dialog.close());
}

/** The documents that there are now; what was chosen and is gone is let go. */
export function offer(names) {
  sources = names;
  chosen = chosen.filter((pattern) => options().some((option) => option.pattern === pattern));
  byId("scope-open").hidden = names.length < 2;
  label();
}

/** The patterns to send; null for everything. */
export const patterns = () => (chosen.length ? chosen : null);

/** Takes up what a conversation was limited to. */
export function take(wanted) {
  chosen = wanted || [];
  label();
}

function set(wanted) {
  chosen = wanted;
  label();
  fill();
  changed(chosen);
}

function label() {
  const one = chosen.length === 1 && options().find((option) => option.pattern === chosen[0]);
  if (!chosen.length) say(byId("scope-open"), "scope.all");
  else if (one) say(byId("scope-open"), "scope.one", { name: one.name });
  else say(byId("scope-open"), "scope.some", { n: chosen.length });
}

/** Folders, each before its documents: {pattern, name, folder (whether it is one), inside}. */
function options() {
  const found = new Map();
  for (const source of sources) {
    const [folder, name] = folderAndName(source);
    if (folder) found.set(folder, { pattern: `${literal(folder)}*`, name: folder, folder: true });
    found.set(source, { pattern: literal(source), name: name, folder: false, inside: folder && `${literal(folder)}*` });
  }
  return Array.from(found.values()).filter(({ pattern }) => pattern.length <= LONGEST);
}

/** The server takes patterns, so a name's own wildcards are bracketed. */
const literal = (name) => name.replace(/[[*?]/g, "[$&]");

function fill() {
  const wanted = byId("scope-find").value.trim().toLowerCase();
  const all = options();
  byId("scope-find").parentElement.hidden = all.length < 8;
  const shown = all.filter(({ pattern }) => pattern.toLowerCase().includes(wanted));
  byId("scope-list").replaceChildren(...shown.map(item));
  byId("scope-all").disabled = !chosen.length;
}

function item({ pattern, name, folder, inside }) {
  const within = Boolean(inside) && chosen.includes(inside);
  const box = h("input", { type: "checkbox", disabled: within || (chosen.length >= MOST && !chosen.includes(pattern)) });
  box.checked = within || chosen.includes(pattern);
  box.addEventListener("change", () => {
    const others = chosen.filter((other) => other !== pattern);
    set(box.checked ? [...others, pattern] : others);
    byId("scope-list").querySelector(`[data-pattern="${CSS.escape(pattern)}"] input`)?.focus();
  });
  const style = folder ? "of-folder" : inside ? "inside" : null;
  return h("li", { class: style, "data-pattern": pattern }, h("label", {}, box, h("span", { dir: "auto" }, name)));
}
