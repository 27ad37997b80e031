// Conversations, kept by the server for a key that may keep them there: the functions of browser.js over HTTP.

import * as api from "./api.js";

const at = (id = "") => `v1/conversations${id && `/${encodeURIComponent(id)}`}`;

let last = Promise.resolve();

/** One change after the other, as they were made; one that fails is lost, as in a browser without room. */
const change = (path, method, body) => (last = last.then(() => api.send(path, { method, body }).catch(() => undefined)));

async function read(path) {
  await last;
  return api.json(path).catch(() => ({}));
}

export const keeps = async () => true;
export const list = async () => ((await read(at())).conversations || []).sort((a, b) => b.used - a.used);
export const find = async (id) => (await read(at(id))).conversation;
export const turns = async (id) => (await read(at(id))).turns || [];
export const keep = (conversation) => change(at(conversation.id), "PUT", { conversation });
export const begin = (conversation, turn) => change(at(conversation.id), "PUT", { conversation, turn });
export const keepTurn = (turn) => change(at(turn.conversation), "PUT", { turn });
export const forgetTurn = (turn) => change(`${at(turn.conversation)}?at=${turn.at}`, "DELETE");
export const remove = (id) => change(at(id), "DELETE");
export const clear = async () => Promise.all((await list()).map(({ id }) => remove(id)));
