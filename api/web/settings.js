// Who answers, the key of this tab, and what the server says of itself.

import * as api from "./api.js";
import { announce, byId, h, tell } from "./dom.js";
import { text } from "./i18n.js";
import { forgetKey, key } from "./key.js";

let changed = () => {};

export function start(onChange) {
  changed = onChange;
  byId("forget-key").addEventListener("click", () => {
    forgetKey();
    location.reload();
  });
}

/** The view comes up. */
export async function enter() {
  tell(byId("settings-error"), null);
  byId("forget-key").hidden = !key();
  try {
    const [status, model] = [await api.status(), await api.model()];
    byId("about").replaceChildren(h("span", { t: ["about", status] }));
    fill(model);
  } catch (error) {
    tell(byId("settings-error"), `error.${error.type || "internal"}`);
  }
}

function fill({ name, kind, choices }) {
  const quoting = kind === "extractive";
  const known = quoting || choices.includes(name) ? choices : [name, ...choices];
  const rows = [row(null, quoting), ...known.map((each) => row(each, !quoting && each === name))];
  byId("models").replaceChildren(...rows);
  tell(byId("model-why"), !choices.length ? "model.none" : api.mayWrite() ? "model.why" : "model.fixed");
}

function row(name, isChosen) {
  const radio = h("input", { type: "radio", name: "model", disabled: !api.mayWrite() });
  radio.checked = isChosen;
  radio.addEventListener("change", () => choose(name));
  return h("li", {}, h("label", {}, radio, name === null ? h("span", { t: ["model.quote"] }) : h("span", {}, name)));
}

async function choose(name) {
  try {
    fill(await api.chooseModel(name));
    changed();
    announce(text("model.done"));
  } catch (error) {
    await enter();
    tell(byId("settings-error"), `error.${error.type || "internal"}`);
  }
}
