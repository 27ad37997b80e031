// Asking: the composer, the conversation and its history, stopping.

import * as api from "./api.js";
import { close } from "./card.js";
import { save } from "./markdown.js";
import { byId, h } from "./dom.js";
import { sayPlaceholder } from "./i18n.js";
import { conversationHash } from "./route.js";
import * as scope from "./scope.js";
import * as store from "./store.js";
import { Turn } from "./turn.js";

const REMEMBERED = 6; // earlier turns that are sent along
const TITLE = 80; // characters of a question that name its conversation
const DRAFT = "footnote.draft";

let talk = null; // the conversation's record; null before its first question
let records = []; // those of its turns
let running = null; // AbortController of the answer being made

export function start() {
  const question = byId("question");
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  question.addEventListener("keydown", (event) => {
    // Enter while an input method is composing chooses a character; it does not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  question.addEventListener("input", () => {
    grow();
    draft(question.value);
  });
  question.value = draft();
  grow();
  byId("stop").addEventListener("click", () => running?.abort());
  byId("anew").addEventListener("click", () => (location.hash = "#/"));
  byId("save").addEventListener("click", () => save(talk.title, records));
  scope.start((patterns) => {
    if (!talk) return;
    talk.scope = patterns;
    store.keep(talk);
  });
}

/** What was written and not yet asked outlives leaving the page. */
function draft(text) {
  try {
    if (text === undefined) return sessionStorage.getItem(DRAFT) || "";
    sessionStorage.setItem(DRAFT, text);
  } catch {
    // storage is switched off
  }
  return "";
}

function submit() {
  const question = byId("question").value.trim();
  if (!question || running) return;
  byId("question").value = "";
  draft("");
  grow();
  if (matchMedia("(pointer: coarse)").matches) byId("question").blur(); // the keyboard on the screen makes room
  ask(question);
}

/** As tall as its text, up to a third of the window. */
function grow() {
  const question = byId("question");
  question.style.height = "auto";
  question.style.height = `${Math.min(question.scrollHeight, innerHeight / 3)}px`;
}

/** Asks in the conversation that is open. */
export async function ask(question) {
  if (running) return;
  close();
  const record = begun(question);
  const turn = new Turn(record);
  const controller = new AbortController();
  running = controller;
  byId("turns").append(turn.element);
  busy(true);
  turn.begin();
  turn.element.scrollIntoView({ block: "start" });
  try {
    await follow(turn, controller.signal);
    record.answer = turn.answer;
    store.keepTurn(record);
  } catch (error) {
    if (controller.signal.aborted) turn.stop(() => retry(turn, record));
    else turn.fail(error instanceof api.ApiError ? error : new api.ApiError("internal"), () => retry(turn, record));
  } finally {
    if (running === controller) running = null;
    busy(Boolean(running));
  }
}

/** The record of a turn that begins, in the conversation that it may begin. */
function begun(question) {
  const at = Date.now();
  if (!talk) {
    talk = { id: identity(), title: Array.from(question).slice(0, TITLE).join(""), created: at, turns: 0, scope: scope.patterns() };
    history.replaceState(null, "", conversationHash(talk.id));
    here();
  }
  talk.used = at;
  talk.turns += 1;
  const record = { conversation: talk.id, at, question, answer: null, rated: null };
  records.push(record);
  store.begin(talk, record);
  return record;
}

const identity = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(36)).join("");

async function follow(turn, signal) {
  const body = { question: turn.question, history: earlier() };
  if (scope.patterns()) body.source = scope.patterns();
  for await (const event of api.ask(body, signal)) {
    if (event.name === "error") throw new api.ApiError(event.data.type, event.data.message);
    if (!signal.aborted) turn.take(event);
    if (turn.answer) return; // whatever a proxy does with the connection
  }
  if (signal.aborted) throw new DOMException("stopped", "AbortError");
  if (!turn.answer) throw new api.ApiError("broken");
}

function earlier() {
  const answers = records.map((record) => record.answer).filter(Boolean);
  return answers.slice(-REMEMBERED).map((answer) => ({
    question: answer.question,
    answer: Array.from(answer.answer).slice(0, 5000).join(""),
    cited: answer.citations.slice(0, 50).map((citation) => citation.paragraph_id),
  }));
}

function retry(turn, record) {
  if (running) return;
  turn.element.remove();
  records = records.filter((other) => other !== record);
  talk.turns -= 1;
  store.forgetTurn(record);
  byId("question").focus();
  ask(turn.question);
}

/** Shows a conversation that is kept, or with null a new one. */
export async function open(id) {
  if (id === (talk?.id ?? null)) return;
  running?.abort();
  running = null;
  talk = null;
  records = [];
  const found = id && (await store.find(id));
  const kept = found ? await store.turns(id) : [];
  if (talk) return; // a question was faster
  talk = found || null;
  records = kept;
  scope.take(talk?.scope);
  byId("turns").replaceChildren(...kept.map(shown));
  if (id && !found) byId("turns").append(h("p", { class: "notice", t: ["talk.gone"] }));
  here();
  busy(false);
  if (!id) byId("question").focus();
  else scrollTo(0, document.body.scrollHeight);
}

function shown(record) {
  const turn = new Turn(record);
  if (record.answer) turn.restore(record.answer);
  else turn.stop(() => retry(turn, record));
  return turn.element;
}

/** A conversation was deleted; with null all were. */
export function removed(id) {
  if (talk && (id === null || id === talk.id)) open(null);
}

/** The section's link leads back to the conversation that is open. */
function here() {
  byId("to-ask").href = talk ? conversationHash(talk.id) : "#/";
}

/** What can be done now; Stop takes the place of Ask, and the focus with it. */
function busy(on) {
  const held = [byId("send"), byId("stop")].includes(document.activeElement);
  byId("send").hidden = on;
  byId("stop").hidden = !on;
  if (held) byId(on ? "stop" : "question").focus();
  const begun = byId("turns").childElementCount > 0;
  document.body.classList.toggle("begun", begun);
  byId("anew").hidden = byId("save").hidden = !begun;
  byId("talk").hidden = !begun;
  byId("talk").textContent = talk?.title || "";
  sayPlaceholder(byId("question"), begun ? "question.next" : "question.placeholder");
}
