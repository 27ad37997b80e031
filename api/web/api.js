// The server's doors, with the key when there is one. Every failure is an ApiError with a type the page has words for.

import { events } from "./sse.js";
import { askForKey, key } from "./key.js";

const ROOT = new URL("../", import.meta.url);
const TYPES = {
  400: "invalid_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "too_large",
  415: "unsupported_media",
  422: "unprocessable",
  429: "rate_limited",
  502: "endpoint",
  503: "unavailable",
};

const KNOWN = [...Object.values(TYPES), "offline", "broken"]; // the page has words for these

export class ApiError extends Error {
  constructor(type, message = "") {
    super(message);
    this.type = KNOWN.includes(type) ? type : "internal";
  }
}

/** A document's path in a URL: its slashes stay, everything else is escaped. */
const named = (source) => source.split("/").map(encodeURIComponent).join("/");

const LEAVES = 20_000; // characters of a change that a browser still sends when its page is left: 64 kB at most

export async function send(path, { method = "GET", body, signal, retried = false } = {}) {
  const headers = {};
  if (key()) headers.Authorization = `Bearer ${key()}`;
  const isForm = body instanceof FormData;
  if (body && !isForm) headers["Content-Type"] = "application/json";
  const sent = body && !isForm ? JSON.stringify(body) : body;
  let response;
  try {
    response = await fetch(new URL(path, ROOT), {
      method,
      headers,
      body: sent,
      keepalive: method === "PUT" && sent.length < LEAVES,
      signal,
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("offline");
  }
  if (response.status === 401 && (await askForKey(retried))) return send(path, { method, body, signal, retried: true });
  if (!response.ok) throw await refused(response);
  return response;
}

async function refused(response) {
  const { error } = await response.json().catch(() => ({})); // a proxy's page is none
  return new ApiError(error?.type || TYPES[response.status], error?.message);
}

export const json = async (...request) => (await send(...request)).json();

/** Asks; yields {name, data} as the answer is made. */
export async function* ask(body, signal) {
  const response = await send("v1/ask", { method: "POST", body: { ...body, stream: true }, signal });
  try {
    yield* events(response);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError("broken");
  }
}

let told = null; // the last status

/** What is in the library, who answers, what this key may do. */
export const status = async () => (told = await json("v1/status"));

/** Whether this key may change the library, by the last status. */
export const mayWrite = () => Boolean(told?.write);

/** Whether the server keeps this key's conversations; false where it cannot be asked. */
export async function mayKeep() {
  try {
    return Boolean((told ?? (await status())).keep);
  } catch {
    return false;
  }
}

export const suggestions = async () => (await json("v1/suggestions")).questions;
export const feedback = (body) => send("v1/feedback", { method: "POST", body });
export const model = () => json("v1/model");
export const chooseModel = (name) => json("v1/model", { method: "PUT", body: { name } });

export const documents = async () => (await json("v1/documents")).documents;

/** All paragraphs of a document; the server gives them in pages. */
export async function paragraphs(source) {
  const found = [];
  for (;;) {
    const page = await json(`v1/documents/${named(source)}?offset=${found.length}`);
    found.push(...page.paragraphs);
    if (!page.paragraphs.length || found.length >= (page.total ?? 0)) return found;
  }
}

/** A data address of the picture of a paragraph's page, `quote` marked: the page may load no other kind. */
export async function pagePicture(id, quote) {
  const marked = quote ? `?start=${quote.start}&end=${quote.end}` : "";
  const reader = new FileReader();
  reader.readAsDataURL(await (await send(`v1/paragraphs/${encodeURIComponent(id)}/page.png${marked}`)).blob());
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result);
    reader.onerror = reject;
  });
}

export const remove = (source) => send(`v1/documents/${named(source)}`, { method: "DELETE" });
export const job = async (id) => (await json(`v1/jobs/${encodeURIComponent(id)}`)).job;

/** Sends files, each with its place in a folder: [{file, path}]; returns the job that indexes them. */
export async function upload(entries) {
  const body = new FormData();
  for (const { file, path } of entries) {
    body.append("files", file, file.name);
    body.append("paths", path);
  }
  return (await json("v1/documents", { method: "POST", body })).job;
}

/** Reads documents again; returns the job. */
export const reindex = async (sources) =>
  (await json("v1/documents/reindex", { method: "POST", body: { sources } })).job;
