"""How many sentences of real documents come back whole from their PDF: printed by a browser, one and two columns.

    python -m benchmarks.pdf_sentences FOLDER [--tuned]    # Markdown files; chromium and playwright needed

Each file is printed with a running head and page numbers. A sentence is found when it is, white space aside, inside one
block; it is spoilt when the running head is inside a block. One file in seven is for tuning the reader (--tuned); the
figures to report are those of the others.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

from index.reading import pdf
from index.sentences import sentences

_TUNED = 7
"""One file in so many is for tuning."""
HEAD = "内部资料 注意保存"
_CSS = "main{{font-size:11pt;column-count:{};text-align:justify}} p{{text-indent:2em;margin:.4em 0}}"
_EDGE = "<div style='font-size:8px;width:100%;text-align:center'>{}</div>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tuned", action="store_true", help="the files that the reader may be tuned with")
    parser.add_argument("--keep", type=Path, help="a folder for the PDF files")
    given = parser.parse_args()
    sources = sorted((f for f in given.folder.glob("*.md") if f.stat().st_size > 9000), key=lambda f: f.name)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    chosen = [source for i, source in enumerate(sources) if (i % _TUNED == 0) == given.tuned]
    print(*(source.stem for source in chosen), sep="\n")
    for columns in (1, 2):
        printed = _print(chosen, columns)
        _measure(columns, printed)
        for n, (_, data) in enumerate(printed):
            if given.keep:
                (given.keep / f"{columns}-{n}.pdf").write_bytes(data)


def _print(sources: list[Path], columns: int) -> list[tuple[str, bytes]]:
    from markdown_it import MarkdownIt
    from playwright.sync_api import sync_playwright

    made = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for source in sources:
            text = source.read_text(encoding="utf-8")
            page = browser.new_page()
            style = f"<!DOCTYPE html><style>{_CSS.format(columns)}</style>"
            page.set_content(f"{style}<main>{MarkdownIt().render(text)}</main>")
            data = page.pdf(
                format="A4",
                display_header_footer=True,
                header_template=_EDGE.format(HEAD),
                footer_template=_EDGE.format(
                    "第 <span class=pageNumber></span> 页 共 <span class=totalPages></span> 页"
                ),
                margin={"top": "20mm", "bottom": "20mm", "left": "18mm", "right": "18mm"},
            )
            made.append((page.inner_text("body"), data))
            page.close()
        browser.close()
    return made


def _measure(columns: int, printed: list[tuple[str, bytes]]) -> None:
    found = total = spoilt = pages = 0
    seconds = 0.0
    for text, data in printed:
        begun = time.process_time()
        parsed = pdf.read(data)
        seconds += time.process_time() - begun
        blocks = [_plain(parsed.text[b.start : b.end]) for b in parsed.blocks]
        blocks += [_plain(title) for b in parsed.blocks for title in b.heading]
        held = "\n".join(blocks)
        wanted = [s for line in text.split("\n") for a, b in sentences(line) if len(s := _plain(line[a:b])) > 5]
        missing = [s for s in wanted if s not in held]
        print(*missing[:3], sep="\n")
        found, total = found + len(wanted) - len(missing), total + len(wanted)
        spoilt += sum(_plain(HEAD) in block for block in blocks)
        pages += max((b.page or 0) for b in parsed.blocks)
    print(
        f"{columns} column(s): {found}/{total} = {found / total:.4f} whole, {spoilt} with the head inside, "
        f"{pages} pages, {1000 * seconds / pages:.1f} ms/page"
    )


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


if __name__ == "__main__":
    main()
