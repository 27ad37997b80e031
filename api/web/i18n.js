// The interface in Chinese and English: as the browser prefers, until the reader chooses.

import { CHINESE } from "./chinese.js";
import { ENGLISH } from "./english.js";

export const STRINGS = { en: ENGLISH, zh: CHINESE };

const CHOSEN = "footnote.language";
const said = new WeakMap(); // element -> how its words are made, for when the language changes
const listeners = [];

let language = stored() || preferred();

function stored() {
  try {
    const value = localStorage.getItem(CHOSEN);
    return value in STRINGS ? value : null;
  } catch {
    return null; // storage is switched off
  }
}

function preferred() {
  const first = (navigator.languages?.[0] || navigator.language || "en").toLowerCase();
  return first.startsWith("zh") ? "zh" : "en";
}

export const current = () => language;

/** The words for a key: "{n} paragraphs" filled in, or a function's result. */
export function text(key, values = {}) {
  const entry = STRINGS[language][key];
  if (entry === undefined) throw new Error(`no words for ${key}`);
  if (typeof entry === "function") return entry(values);
  return entry.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** The element shows these words, in whatever language is chosen. */
export function say(element, key, values) {
  remember(element, "textContent", key, values);
}

/** The element is named by these words. */
export function sayLabel(element, key, values) {
  remember(element, "ariaLabel", key, values);
}

/** The field hints at what may be written in it. */
export function sayPlaceholder(element, key, values) {
  remember(element, "placeholder", key, values);
}

function remember(element, property, key, values) {
  if (!said.has(element)) said.set(element, {});
  said.get(element)[property] = [key, values];
  element.toggleAttribute("data-said", true);
  element[property] = text(key, values);
}

/** Words of the page itself: data-t, data-t-label, data-t-placeholder. */
function adopt() {
  for (const element of document.querySelectorAll("[data-t]")) say(element, element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) sayLabel(element, element.dataset.tLabel);
  for (const element of document.querySelectorAll("[data-t-placeholder]"))
    sayPlaceholder(element, element.dataset.tPlaceholder);
}

function apply() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const element of document.querySelectorAll("[data-said]"))
    for (const [property, [key, values]] of Object.entries(said.get(element) || {}))
      element[property] = text(key, values);
  for (const listener of listeners) listener();
}

export function start(button) {
  adopt();
  const label = () => {
    button.textContent = language === "zh" ? "English" : "中文";
    button.lang = language === "zh" ? "en" : "zh-Hans";
  };
  listeners.push(label);
  button.addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    try {
      localStorage.setItem(CHOSEN, language);
    } catch {
      // it holds for this visit only
    }
    apply();
  });
  apply();
}
