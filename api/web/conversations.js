// The conversations that are kept: open, rename, export, delete.

import { mayKeep } from "./api.js";
import { announce, byId, choice, h, sure, tell } from "./dom.js";
import { current, text } from "./i18n.js";
import { save } from "./markdown.js";
import { conversationHash } from "./route.js";
import * as store from "./store.js";

let removed = () => {};

/** `onRemove` is called with the id of a conversation that was deleted, or with null for all of them. */
export function start(onRemove) {
  removed = onRemove;
  byId("find").addEventListener("input", narrow);
  byId("forget").addEventListener("click", forget);
}

/** The view comes up. */
export async function enter() {
  const all = await store.list();
  const kept = await store.keeps();
  const where = (await mayKeep()) ? "kept.server" : all.length ? "kept.here" : "kept.none";
  tell(byId("kept"), kept ? where : "kept.never");
  byId("talks").replaceChildren(...all.map(row));
  byId("find").parentElement.hidden = all.length < 8;
  byId("forget").hidden = !all.length;
  narrow();
}

function narrow() {
  const wanted = byId("find").value.trim().toLowerCase();
  for (const item of byId("talks").children) item.hidden = !item.dataset.title.includes(wanted);
}

function row(conversation) {
  const { id, title, used, turns } = conversation;
  const button = (key, label, act) =>
    h("button", { type: "button", class: "quiet", t: [key], label: [label, { name: title }], onclick: act });
  return h(
    "li",
    { "data-title": title.toLowerCase() },
    h(
      "div",
      {},
      h("a", { href: conversationHash(id), dir: "auto" }, title),
      h("p", { class: "faint" }, h("span", { t: ["talk.facts", { turns }] }), h("time", {}, when(used))),
    ),
    h(
      "div",
      { class: "acts" },
      button("rename", "rename.name", () => rename(conversation)),
      button("export", "export.name", async () => save(title, await store.turns(id))),
      button("delete", "delete.name", () => remove(conversation)),
    ),
  );
}

/** Today the time, else the date. */
function when(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "medium" };
  return date.toLocaleString(current() === "zh" ? "zh-CN" : "en-GB", style);
}

async function rename(conversation) {
  const field = byId("title-value");
  field.value = conversation.title;
  const chosen = choice(byId("rename"));
  field.select();
  const title = (await chosen) === "yes" ? field.value.trim() : "";
  if (!title) return;
  await store.keep({ ...conversation, title });
  await enter();
}

async function remove({ id, title }) {
  if (!(await sure("delete.title", "delete.text", { name: title }, "delete"))) return;
  await store.remove(id);
  removed(id);
  await enter();
  byId("conversations").focus();
  announce(text("delete.done"));
}

async function forget() {
  if (!(await sure("forget.title", "forget.text", {}, "delete"))) return;
  await store.clear();
  removed(null);
  await enter();
  byId("conversations").focus();
  announce(text("delete.done"));
}
