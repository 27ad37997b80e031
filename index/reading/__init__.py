"""Files to documents: one module a format, each with one function from bytes to a parsed result.

    def read(data: bytes) -> Parsed     # text, blocks, metadata, notes (index.records)

A new format is such a module and its endings in `files`. Readers are imported when a file of theirs is met, never
before. The rules:

- What cannot be read raises InputError with one sentence that continues "PATH: " and ends with the next step: "it is
  protected by a password; save it again without". No other exception leaves a reader.
- A missing library is ModuleNotFoundError from the import inside the reader; `isolated` turns it into the sentence
  with the one command: "it needs pypdfium2, which is not installed; install it with: pip install pypdfium2".
- `text[block.start:block.end]` is a block's text, without white space at its ends. What was read with a loss (pages
  without text, bytes replaced) is a note.
- Metadata is what the file's properties give. `files.read` finds the title of a document that gives none.
"""
