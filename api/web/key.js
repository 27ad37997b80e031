// The key for a server that asks for one: kept for this tab only.

import { byId, choice, tell } from "./dom.js";

const PLACE = "footnote.key";
let held = "";
let asking = null;

try {
  held = sessionStorage.getItem(PLACE) || "";
} catch {
  // storage is switched off: the key lives as long as the page
}

export const key = () => held;

export function forgetKey() {
  held = "";
  try {
    sessionStorage.removeItem(PLACE);
  } catch {
    // as above
  }
}

/** Asks once, however many requests wait for it. Resolves to whether there is a key to try. */
export function askForKey(wrong) {
  asking ??= enter(wrong || Boolean(held)).finally(() => (asking = null));
  return asking;
}

async function enter(wrong) {
  const field = byId("key-value");
  tell(byId("key-why"), wrong ? "key.wrong" : "key.why");
  byId("key-why").classList.toggle("bad", wrong);
  field.value = "";
  const chosen = choice(byId("key"));
  field.focus();
  const value = (await chosen) === "yes" ? field.value.trim() : "";
  if (!value) return false;
  if (/[^\x21-\x7e]/.test(value)) return enter(true); // no header can carry it, so it is no key of ours
  held = value;
  dispatchEvent(new Event("footnote:key")); // what could not be shown before may now be
  try {
    sessionStorage.setItem(PLACE, value);
  } catch {
    // as above
  }
  return true;
}
