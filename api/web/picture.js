// The page that a cited paragraph is on, as people know it, with the quotation marked by the server.

import * as api from "./api.js";
import { h } from "./dom.js";

const SHOWN = /\.(pdf|png|jpe?g)$/i;

/** A figure that fills itself; it goes away where there is nothing to see. Null for documents without pages. */
export function picture(item, quote) {
  if (!item.page || !SHOWN.test(item.source)) return null;
  const image = h("img", { label: ["picture", { page: item.page }], role: "img" });
  const figure = h("figure", { class: "picture" }, image);
  api.pagePicture(item.paragraph_id, quote).then(
    (address) => (image.src = address),
    () => figure.remove(),
  );
  return figure;
}
