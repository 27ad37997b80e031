// Where conversations are kept: by the server for a key that may keep them there, else by this browser (which see).

import { mayKeep } from "./api.js";
import * as browser from "./browser.js";
import * as server from "./server.js";

const kept = (name) => async (...given) => ((await mayKeep()) ? server : browser)[name](...given);

export const [keeps, list, find, turns, keep, begin, keepTurn, forgetTurn, remove, clear] = [
  "keeps", "list", "find", "turns", "keep", "begin", "keepTurn", "forgetTurn", "remove", "clear",
].map(kept);
