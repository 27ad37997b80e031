// Before the first question: what is in the library, who answers, and questions to begin with.

import * as api from "./api.js";
import { byId, h } from "./dom.js";
import { say } from "./i18n.js";
import * as scope from "./scope.js";

/** Shows the server's state; `ask` is called with a suggested question that was chosen. */
export async function refresh(ask) {
  const line = byId("status");
  try {
    const { documents, paragraphs, model, types } = await api.status();
    document.body.classList.toggle("empty", !documents);
    document.body.classList.toggle("may-write", api.mayWrite());
    byId("files").accept = types.join(",");
    line.replaceChildren(
      ...(documents
        ? facts(documents, paragraphs, model)
        : [h("span", { t: [api.mayWrite() ? "status.none" : "status.wait"] })]),
    );
    scope.offer((await api.documents()).map((one) => one.source));
    if (documents) suggest(ask);
  } catch (error) {
    say(line, `error.${error.type || "internal"}`);
  }
}

function facts(documents, paragraphs, model) {
  return [
    h("span", { t: ["status.some", { documents, paragraphs }] }),
    h("a", { href: "#/settings", t: [`status.${model.kind}`, { name: model.name }] }),
  ];
}

async function suggest(ask) {
  const questions = await api.suggestions().catch(() => []);
  const buttons = questions.map((question) =>
    h("li", {}, h("button", { type: "button", dir: "auto", onclick: () => ask(question) }, question)),
  );
  byId("suggestions").replaceChildren(...buttons);
  byId("suggestions").hidden = !buttons.length;
}
