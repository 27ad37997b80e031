// Elements are made here and nowhere else; text goes in as text nodes, so nothing from a document becomes markup.

import { say, sayLabel } from "./i18n.js";

export const byId = (id) => document.getElementById(id);

/**
 * h("button", {class: "quiet", type: "button", onclick: f, t: ["stop"]}, child, "text") -> element.
 * t and label are [key, arguments] of the interface's own words; what is null or false is left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false || value === undefined) continue;
    if (name === "t") say(element, ...value);
    else if (name === "label") sayLabel(element, ...value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== false && child !== undefined));
  return element;
}

/** Shows a sentence in the interface's words, or hides the element when there is none. */
export function tell(element, key, values) {
  element.hidden = !key;
  if (key) say(element, key, values);
}

/** Says it to a screen reader, once. */
export function announce(text) {
  const said = byId("said");
  said.textContent = "";
  setTimeout(() => (said.textContent = text), 60);
}

/** Asks before something is gone for good; resolves to whether it may go. The words are keys. */
export async function sure(title, words, values, yes) {
  say(byId("confirm-title"), title);
  say(byId("confirm-text"), words, values);
  say(byId("confirm-yes"), yes);
  return (await choice(byId("confirm"))) === "yes";
}

/** Opens a small dialog; resolves to the value of the button that closed it, "no" for Escape. */
export function choice(dialog) {
  dialog.returnValue = "no";
  dialog.querySelector("[data-cancel]").onclick = () => dialog.close();
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue || "no"), { once: true }),
  );
}
