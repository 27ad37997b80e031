// The library view: what is in it, adding by button or by dropping, removing.

import * as api from "./api.js";
import { announce, byId, h, sure, tell } from "./dom.js";
import { say, text } from "./i18n.js";
import { sourceHash } from "./route.js";
import { folderAndName } from "./text.js";

const POLL = 500; // milliseconds between two looks at a job
const PATIENCE = 20; // looks in a row that may fail before we give up
const REFUSED = ["invalid_request", "unsupported_media", "too_large", "unprocessable"]; // what one file can cause

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

/** One sentence above the list, or none. */
function fail(key) {
  tell(byId("library-error"), key);
}

/** The view comes up. */
export function enter() {
  fail(null);
  refresh();
}

/** Lists the documents anew. */
async function refresh() {
  try {
    const documents = await api.documents();
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
  const facts = [folder && h("bdi", {}, `${folder} · `), h("span", { t: ["document.facts", document] })].filter(
    Boolean,
  );
  if (!/^utf-8/.test(document.encoding)) facts.push(h("span", { t: ["document.encoding", document] }));
  return h(
    "li",
    {},
    h("div", {}, h("a", { href: sourceHash(name), dir: "auto" }, file), h("p", { class: "faint" }, ...facts)),
    h("button", {
      type: "button",
      class: "quiet",
      t: ["remove"],
      label: ["remove.name", { name }],
      onclick: () => remove(document),
    }),
  );
}

async function remove(document) {
  const name = document.source;
  const words = document.uploaded ? "remove.uploaded" : "remove.indexed";
  if (!(await sure("remove.title", words, { name }, "remove"))) return;
  fail(null);
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
  fail(null);
  const words = h("p", { role: "status", t: ["job.sending", { n: files.length }] });
  const bar = h("progress", { label: ["job.progress"] });
  const element = h("section", { class: "job" }, words, bar);
  byId("jobs").prepend(element);
  try {
    const sum = { indexed: 0, unchanged: 0, paragraphs: 0, skipped: [], failed: [] };
    const jobs = await send(files, sum.skipped);
    for (const job of jobs) count(await follow(job, words, bar), sum);
    ended(sum, words, bar);
  } catch (error) {
    element.remove();
    failed(error);
  }
  await refresh();
  changed();
}

/** Sends files, all at once where it can be; a file that is refused is found by halves, so the others still go in. */
async function send(files, skipped) {
  try {
    return [await api.upload(files)];
  } catch (error) {
    if (!REFUSED.includes(error.type)) throw error;
    if (files.length === 1) {
      skipped.push({ path: files[0].name, reason: error.message });
      return [];
    }
    const half = files.length >> 1;
    return [...(await send(files.slice(0, half), skipped)), ...(await send(files.slice(half), skipped))];
  }
}

/** Shows a job until it has ended; returns it. */
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
  return job;
}

function count(job, sum) {
  if (job.state === "failed") return sum.failed.push(job.error || "");
  sum.indexed += job.report.indexed.length;
  sum.unchanged += job.report.unchanged.length;
  sum.paragraphs += job.report.new_paragraphs;
  sum.skipped.push(...job.report.skipped);
}

function progress(job, words, bar) {
  if (job.state === "queued") return say(words, "job.queued");
  say(words, "job.running", { done: job.done, total: job.total, name: job.document });
  bar.max = Math.max(job.total, 1);
  bar.value = job.done;
}

function ended({ skipped, failed: errors, ...sum }, words, bar) {
  const element = words.parentElement;
  bar.remove();
  say(words, "job.done", sum);
  const items = [
    ...errors.map((error) => h("li", { t: ["job.failed", { error }] })),
    ...skipped.map(({ path, reason }) => h("li", { t: ["job.skipped", { path: folderAndName(path)[1], reason }] })),
  ];
  element.classList.toggle("bad", errors.length > 0);
  if (items.length) element.append(h("ul", {}, ...items));
  const dismiss = () => {
    element.remove();
    byId("files").focus();
  };
  element.append(h("button", { type: "button", class: "quiet", t: ["dismiss"], onclick: dismiss }));
}
