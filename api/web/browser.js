// Conversations, kept by this browser (IndexedDB). Where it keeps nothing, all of this does nothing.

const STORES = { conversations: "id", turns: ["conversation", "at"] };

let opening = null; // Promise of the database, or of null

function database() {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open("footnote", 1);
      request.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null); // storage is switched off
    }
  });
  return opening;
}

/** Runs work(conversations, turns) in one transaction; resolves to the result of the request that it returns. */
async function transact(mode, work) {
  const opened = await database();
  if (!opened) return undefined;
  return new Promise((resolve) => {
    const transaction = opened.transaction(Object.keys(STORES), mode);
    const request = work(...Object.keys(STORES).map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => resolve(undefined); // no room is left
  });
}

const ofConversation = (id) => IDBKeyRange.bound([id], [id, []]);

/** Whether this browser keeps anything. */
export const keeps = async () => (await database()) !== null;

/** All conversations, without their turns, the one used last first: {id, title, created, used, turns, scope}. */
export async function list() {
  const found = (await transact("readonly", (conversations) => conversations.getAll())) || [];
  return found.sort((a, b) => b.used - a.used);
}

/** A conversation, or undefined. */
export const find = (id) => transact("readonly", (conversations) => conversations.get(id));

/** Its turns, oldest first: {conversation, at, question, answer (null while it is not finished), rated}. */
export const turns = async (id) =>
  (await transact("readonly", (_, turns) => turns.getAll(ofConversation(id)))) || [];

/** Keeps a conversation's own record: its title, its scope. */
export const keep = (conversation) =>
  transact("readwrite", (conversations) => conversations.put(conversation));

/** Keeps a turn that begins with its conversation: both or neither, should the page be left at once. */
export const begin = (conversation, turn) =>
  transact("readwrite", (conversations, turns) => {
    conversations.put(conversation);
    turns.put(turn);
  });

/** Keeps a turn, unless its conversation was deleted meanwhile. */
export const keepTurn = (turn) =>
  transact("readwrite", (conversations, turns) => {
    const known = conversations.getKey(turn.conversation);
    known.onsuccess = () => known.result === undefined || turns.put(turn);
  });

export const forgetTurn = (turn) =>
  transact("readwrite", (_, turns) => turns.delete([turn.conversation, turn.at]));

export const remove = (id) =>
  transact("readwrite", (conversations, turns) => {
    conversations.delete(id);
    turns.delete(ofConversation(id));
  });

export const clear = () =>
  transact("readwrite", (conversations, turns) => {
    conversations.clear();
    turns.clear();
  });
