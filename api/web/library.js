// The library view: what is in it, adding by button or by dropping, removing.

import * as api from "./api.js";
import { announce, byId, choice, h, tell } from "./dom.js";
import { say, text } from "./i18n.js";
import { sourceHash } from "./route.js";
import { folderAndName } from "./text.js";

const POLL = 500; // milliseconds between two looks at a job
const PATIENCE = 20; // looks in a row that may fail before we give up

let changed = () => {};

export function start(onChange) {
  changed = onChange;
  const files = byId("files");
  files.addEventListener("change", () => {
    add(Array.from(files.files));
    files.value = "";
  });
  byId("drop").addEventListener("submit", (event) => event.preventDefault());
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
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    lit(false);
    const folders = Array.from(event.dataTransfer.items).some((item) => item.webkitGetAsEntry?.()?.isDirectory);
    location.hash = "#/library";
    if (folders) fail("upload.folder");
    else add(Array.from(event.dataTransfer.files));
  });
}

function fail(key, values) {
  tell(byId("library-error"), key, values);
}

/** Lists the documents anew. */
export async function refresh() {
  try {
    const documents = await api.documents();
    tell(byId("library-error"), null);
    const paragraphs = documents.reduce((sum, document) => sum + document.paragraphs, 0);
    say(byId("count"), "library.count", { documents: documents.length, paragraphs });
    byId("documents").replaceChildren(...documents.map(row));
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  fail(`error.${error.type || "internal"}`);
}

function row(document) {
  const name = document.source;
  const [folder, file] = folderAndName(name);
  const facts = [h("span", { t: ["document.facts", document] })];
  if (!/^utf-8/.test(document.encoding)) facts.push(h("span", { t: ["document.encoding", document] }));
  return h(
    "li",
    {},
    h("div", {}, folder && h("p", { class: "faint" }, folder), h("a", { href: sourceHash(name) }, file), h("p", { class: "faint" }, ...facts)),
    h("button", { type: "button", class: "quiet", t: ["remove"], label: ["remove.name", { name }], onclick: () => remove(document) }),
  );
}

async function remove(document) {
  const name = document.source;
  say(byId("confirm-text"), document.uploaded ? "remove.uploaded" : "remove.indexed", { name });
  if ((await choice(byId("confirm"))) !== "yes") return;
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

async function add(files) {
  if (!files.length) return;
  tell(byId("library-error"), null);
  const words = h("p", { role: "status", t: ["job.sending", { n: files.length }] });
  const bar = h("progress", { label: ["job.progress"] });
  const element = h("section", { class: "job" }, words, bar);
  byId("jobs").prepend(element);
  try {
    await follow(await api.upload(files), words, bar);
  } catch (error) {
    element.remove();
    failed(error);
    return;
  }
  await refresh();
  changed();
}

/** Shows a job until it has ended. */
async function follow(job, words, bar) {
  let missed = 0;
  while (job.state === "queued" || job.state === "running") {
    progress(job, words, bar);
    await new Promise((resolve) => setTimeout(resolve, POLL));
    try {
      job = await api.job(job.id);
      missed = 0;
    } catch (error) {
      if (error.type !== "offline" || ++missed >= PATIENCE) throw error;
    }
  }
  ended(job, words, bar);
}

function progress(job, words, bar) {
  if (job.state === "queued") return say(words, "job.queued");
  say(words, "job.running", { done: job.done, total: job.total, name: job.document });
  bar.max = Math.max(job.total, 1);
  bar.value = job.done;
}

function ended(job, words, bar) {
  const element = words.parentElement;
  bar.remove();
  if (job.state === "failed") {
    element.classList.add("bad");
    say(words, "job.failed", { error: job.error || "" });
  } else {
    const { indexed, unchanged, skipped, new_paragraphs: paragraphs } = job.report;
    say(words, "job.done", { indexed: indexed.length, unchanged: unchanged.length, paragraphs });
    if (skipped.length) element.append(h("ul", {}, ...skipped.map(({ path, reason }) => h("li", { t: ["job.skipped", { path: folderAndName(path)[1], reason }] }))));
  }
  const dismiss = () => {
    element.remove();
    byId("files").focus();
  };
  element.append(h("button", { type: "button", class: "quiet", t: ["dismiss"], onclick: dismiss }));
}
