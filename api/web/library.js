// The library view: what is in it by folder, adding by button or by dropping, reading again, removing.

import * as api from "./api.js";
import { announce, byId, h, sure, tell } from "./dom.js";
import { say, text } from "./i18n.js";
import { sourceHash } from "./route.js";
import { folderAndName } from "./text.js";
import { entriesOf, fromList, Run } from "./upload.js";

const MANY = 30; // documents from which on folders are closed and one may search by name

let changed = () => {};
let documents = [];
let types = [];

export function start(onChange) {
  changed = onChange;
  for (const id of ["files", "folder"])
    byId(id).addEventListener("change", () => {
      add(fromList(byId(id).files));
      byId(id).value = "";
    });
  byId("begin").addEventListener("click", () => byId("files").click());
  byId("drop").addEventListener("submit", (event) => event.preventDefault());
  byId("library-find").addEventListener("input", list);
  byId("reindex").addEventListener("click", () => reindex(documents));
  acceptDrops();
}

function acceptDrops() {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const lit = (on) => document.body.classList.toggle("dragging", on);
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    lit(true);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || lit(false));
  document.addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    lit(false);
    add(await entriesOf(event.dataTransfer));
  });
}

/** The view comes up. */
export function enter() {
  tell(byId("library-error"), null);
  refresh();
}

/** Lists the documents anew. */
async function refresh() {
  try {
    ({ types } = await api.status());
    documents = await api.documents();
  } catch (error) {
    return failed(error);
  }
  const paragraphs = documents.reduce((sum, document) => sum + document.paragraphs, 0);
  say(byId("count"), "library.count", { documents: documents.length, paragraphs });
  say(byId("types"), "upload.types", { types: types.map((type) => type.slice(1)).join(", ") });
  byId("drop").hidden = !api.mayWrite();
  byId("reindex").hidden = !documents.length || !api.mayWrite();
  byId("library-find").parentElement.hidden = documents.length < MANY;
  list();
}

/** The documents whose name holds what was typed, under their folders. */
function list() {
  const wanted = byId("library-find").value.trim().toLowerCase();
  const folders = new Map([["", []]]);
  for (const document of documents) {
    const [folder] = folderAndName(document.source);
    if (!folders.has(folder)) folders.set(folder, []);
    if (document.source.toLowerCase().includes(wanted)) folders.get(folder).push(document);
  }
  const open = Boolean(wanted) || documents.length < MANY;
  byId("documents").replaceChildren(
    ...Array.from(folders)
      .filter(([, inside]) => inside.length)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([folder, inside]) => section(folder, inside, open)),
  );
}

function section(folder, inside, open) {
  const rows = h("ul", { class: "rows" }, ...inside.map(row));
  if (!folder) return rows;
  const count = h("span", { class: "faint", t: ["folder.count", { n: inside.length }] });
  return h("details", { class: "folder", open }, h("summary", {}, h("bdi", {}, folder), " ", count), rows);
}

const failed = (error) => tell(byId("library-error"), `error.${error.type || "internal"}`);

function row(document) {
  const name = document.source;
  const button = (key, label, act) =>
    h("button", { type: "button", class: "quiet", t: [key], label: [label, { name }], onclick: act });
  return h(
    "li",
    {},
    h(
      "div",
      {},
      h("a", { href: sourceHash(name), dir: "auto" }, folderAndName(name)[1]),
      document.superseded && h("span", { class: "warning", t: ["document.superseded"] }),
      h("p", { class: "faint" }, ...facts(document)),
    ),
    api.mayWrite() &&
      h(
        "div",
        { class: "acts" },
        button("reindex", "reindex.name", () => reindex([document])),
        button("remove", "remove.name", () => remove(document)),
      ),
  );
}

function facts(document) {
  const size = h("span", { t: ["document.facts", document] });
  const usual = !document.encoding || /^utf-8/.test(document.encoding);
  return usual ? [size] : [size, h("span", { t: ["document.encoding", document] })];
}

async function remove(document) {
  const name = document.source;
  const words = document.uploaded ? "remove.uploaded" : "remove.indexed";
  if (!(await sure("remove.title", words, { name }, "remove"))) return;
  tell(byId("library-error"), null);
  try {
    await api.remove(name);
    await refresh();
    changed();
    byId("library").focus();
    announce(text("remove.done", { name }));
  } catch (error) {
    failed(error);
  }
}

const add = (entries) => run(entries, (made) => made.upload(entries, types));

function reindex(wanted) {
  const entries = wanted.map((document) => ({ path: document.source }));
  return run(entries, (made) => made.reindex(entries));
}

/** Shows a run while `work` does it; then what the library holds. */
async function run(entries, work) {
  if (!entries.length) return;
  location.hash = "#/library";
  tell(byId("library-error"), null);
  if (!types.length) await refresh();
  const made = new Run(entries);
  made.element.scrollIntoView({ block: "nearest" });
  try {
    await work(made);
  } catch (error) {
    made.element.remove();
    failed(error);
  }
  await refresh();
  changed();
}
