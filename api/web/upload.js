// Files and folders on their way into the library: sent in parts, each with its state and the reason when it is skipped.

import * as api from "./api.js";
import { byId, h } from "./dom.js";
import { say } from "./i18n.js";

const POLL = 500; // milliseconds between two looks at a job
const PATIENCE = 20; // looks in a row that may fail before we give up
const FILES = 100; // of one request
const BYTES = 150e6; // of one request
const REFUSED = ["invalid_request", "unsupported_media", "too_large", "unprocessable"]; // what one file can cause
const SIGNS = { waiting: "·", reading: "…", indexed: "✓", unchanged: "=", skipped: "✕" };

/** What an <input> or a drop holds, folders opened: [{file, path}]. */
export async function entriesOf(transfer) {
  const items = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.());
  if (!items.some((entry) => entry?.isDirectory)) return fromList(transfer.files);
  return (await Promise.all(items.filter(Boolean).map((entry) => walk(entry, "")))).flat();
}

export const fromList = (files) => Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));

async function walk(entry, folder) {
  const path = folder + entry.name;
  if (entry.isFile) return [{ file: await new Promise((found, fail) => entry.file(found, fail)), path }];
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    const some = await new Promise((found, fail) => reader.readEntries(found, fail)); // a hundred at a time
    if (!some.length) return (await Promise.all(inside.map((each) => walk(each, `${path}/`)))).flat();
    inside.push(...some);
  }
}

/** One run of adding or reading again, shown in the library view: a line, a bar, and a row for each file. */
export class Run {
  constructor(entries) {
    this.words = h("p", { role: "status", t: ["job.sending", { n: entries.length }] });
    this.bar = h("progress", { label: ["job.progress"], max: Math.max(entries.length, 1) });
    this.rows = h("ul", { class: "files", tabindex: "0", label: ["job.files"] });
    this.element = h("section", { class: "job" }, this.words, this.bar, this.rows);
    this.sum = { indexed: 0, unchanged: 0, paragraphs: 0, skipped: 0 };
    this.over = 0; // files whose state will not change
    for (const entry of entries) {
      entry.row = h("li", {});
      this.#set(entry, "waiting");
      this.rows.append(entry.row);
    }
    byId("jobs").prepend(this.element);
  }

  #set(entry, state, reason) {
    const key = reason ? "job.skipped" : `job.${state}`;
    entry.row.dataset.state = state;
    entry.row.replaceChildren(
      h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[state]),
      h("span", { dir: "auto" }, entry.path),
      h("span", { class: "state", t: [key, { reason }] }),
    );
    if (state === "skipped") this.rows.prepend(entry.row); // what needs a look comes first
  }

  #end(entry, state, reason) {
    this.#set(entry, state, reason);
    this.sum[state] += 1;
    this.over += 1;
  }

  /** Sends and follows all of it. Throws ApiError for what no file caused. */
  async upload(entries, types) {
    const readable = ({ path }) => types.some((type) => path.toLowerCase().endsWith(type));
    for (const entry of entries.filter((each) => !readable(each))) this.#end(entry, "skipped", "its type is not supported");
    for (const part of parts(entries.filter(readable)))
      for (const [job, sent] of await this.#send(part)) await this.follow(job, sent);
    this.#finish();
  }

  async reindex(entries) {
    await this.follow(await api.reindex(entries.map((entry) => entry.path)), entries);
    this.#finish();
  }

  /** All at once where it can be; a file that is refused is found by halves, so the others still go in. */
  async #send(entries) {
    try {
      return [[await api.upload(entries), entries]];
    } catch (error) {
      if (!REFUSED.includes(error.type)) throw error;
      if (entries.length === 1) {
        this.#end(entries[0], "skipped", error.message);
        return [];
      }
      const half = entries.length >> 1;
      return [...(await this.#send(entries.slice(0, half))), ...(await this.#send(entries.slice(half)))];
    }
  }

  /** Shows a job until it has ended. */
  async follow(job, entries) {
    let missed = 0;
    while (job.state === "queued" || job.state === "running") {
      this.#progress(job, entries);
      await new Promise((resolve) => setTimeout(resolve, POLL));
      try {
        job = await api.job(job.id);
        missed = 0;
      } catch (error) {
        if (error.type !== "offline" || ++missed >= PATIENCE) throw error;
      }
    }
    this.#report(job, entries);
  }

  #progress(job, entries) {
    if (job.state === "queued") return say(this.words, "job.queued");
    say(this.words, "job.running", { done: this.over + job.done, total: this.bar.max });
    this.bar.value = this.over + job.done;
    if (entries[job.done]) this.#set(entries[job.done], "reading");
  }

  #report(job, entries) {
    if (job.state === "failed") {
      this.element.classList.add("bad");
      this.rows.before(h("p", { t: ["job.failed", { error: job.error || "" }] }));
    }
    const { indexed = [], unchanged = [], skipped = [], new_paragraphs = 0 } = job.report || {};
    this.sum.paragraphs += new_paragraphs;
    entries.forEach((entry, i) => {
      const name = job.files[i];
      const why = skipped.find(({ path }) => path === name)?.reason;
      if (indexed.includes(name)) this.#end(entry, "indexed");
      else if (unchanged.includes(name)) this.#end(entry, "unchanged");
      else this.#end(entry, "skipped", why || "it was not read");
    });
  }

  #finish() {
    say(this.words, "job.done", this.sum);
    this.bar.remove();
    const buttons = h("p", { class: "buttons" });
    if (this.sum.indexed) buttons.append(h("a", { class: "button", href: "#/", t: ["job.ask"] }));
    buttons.append(h("button", { type: "button", class: "quiet", t: ["dismiss"], onclick: () => this.dismiss() }));
    this.element.append(buttons);
  }

  dismiss() {
    this.element.remove();
    byId("files").focus();
  }
}

/** Entries in requests of a bounded size. */
function parts(entries) {
  const found = [[]];
  let bytes = 0;
  for (const entry of entries) {
    if (found.at(-1).length === FILES || (found.at(-1).length && bytes + entry.file.size > BYTES)) {
      found.push([]);
      bytes = 0;
    }
    found.at(-1).push(entry);
    bytes += entry.file.size;
  }
  return found.filter((part) => part.length);
}
