// Server-sent events from a fetch: lines and characters may be split anywhere between two chunks.

/** Collects text; feed() returns the events that it completes: {name, data}. */
export class EventParser {
  #rest = "";
  #name = "message";
  #data = [];

  feed(text) {
    const events = [];
    this.#rest += text;
    let end;
    while ((end = /\r\n|\n|\r(?!$)/.exec(this.#rest))) {
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  #line(line) {
    if (line === "") return this.#dispatch();
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    return null;
  }

  #dispatch() {
    const event = this.#data.length ? { name: this.#name, data: this.#data.join("\n") } : null;
    this.#name = "message";
    this.#data = [];
    return event;
  }
}

/** The events of a response, their data read as JSON. Ends when the server ends; throws when the connection breaks. */
export async function* events(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const text = done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true });
      for (const { name, data } of parser.feed(text)) yield { name, data: JSON.parse(data) };
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {}); // a reader that left: the server may stop
  }
}
