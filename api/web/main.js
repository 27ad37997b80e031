// The page starts here: words, views, and which of them the address asks for.

import * as ask from "./ask.js";
import { close } from "./card.js";
import * as conversations from "./conversations.js";
import { byId } from "./dom.js";
import * as i18n from "./i18n.js";
import * as library from "./library.js";
import { read } from "./route.js";
import * as settings from "./settings.js";
import * as source from "./source.js";
import * as welcome from "./welcome.js";

const VIEWS = { ask: null, conversations, library, settings };

let behind = "#/"; // the view under the sheet
let inside = false; // whether the sheet was opened from the page, so that Back closes it

const refresh = () => welcome.refresh(ask.ask);

function follow(event) {
  const route = read(location.hash);
  if (!route.view) return;
  if (route.view === "source") {
    inside = Boolean(event);
    source.show(route);
    return;
  }
  behind = location.hash || "#/";
  source.hide();
  if (route.view === "ask") ask.open(route.conversation);
  view(route.view, Boolean(event));
}

function view(name, moved) {
  const shown = byId(name).hidden === false;
  if (!shown) close();
  for (const other of Object.keys(VIEWS)) {
    byId(other).hidden = other !== name;
    const link = byId(`to-${other}`);
    if (other === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!shown) VIEWS[name]?.enter();
  if (moved && !shown) byId(name).focus({ preventScroll: true });
}

/** To the question, or to the view's beginning; the address stays, so that Back does not come by here. */
function skip(event) {
  event.preventDefault();
  const shown = Object.keys(VIEWS).find((name) => !byId(name).hidden);
  byId(shown === "ask" ? "question" : shown).focus();
}

function sheetClosed() {
  if (read(location.hash).view !== "source") return;
  if (inside) history.back();
  else location.hash = behind;
}

byId("skip").addEventListener("click", skip);
i18n.start(byId("language"));
ask.start();
conversations.start(ask.removed);
library.start(refresh);
settings.start(refresh);
source.start(sheetClosed);
view("ask", false);
follow();
addEventListener("hashchange", follow);
addEventListener("footnote:key", refresh);
refresh();
