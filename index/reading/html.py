"""Web pages to blocks: the main text without navigation, headings, lists with their numbers, tables, questions."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.errors import InputError
from index.reading.decoding import decode
from index.reading.draft import Draft, raised
from index.reading.html_tables import grid, is_data
from index.records import Metadata, Parsed
from index.sentences import columns

_LEFT_OUT = ", ".join(
    (
        "head, script, style, noscript, template, svg, math, iframe, object, canvas, select, button, textarea, audio",
        "video, dialog, datalist, del, nav, footer, aside, menu, [hidden], [aria-hidden=true]",
        "[style*='display:none' i], [style*='display: none' i]",
        "[role=navigation i], [role=banner i], [role=contentinfo i], [role=search i], [role=complementary i]",
        "[role=menu i], [role=menubar i], [role=dialog i]",
    )
)
"""What is not seen, or surrounds the main text: elements, and others by their attributes."""
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "input", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_HEADING = re.compile(r"h([1-6])")
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)")
_OPEN_ENDED = set(
    "p li dt dd tr td th thead tbody tfoot option optgroup colgroup rb rt rp rtc html head body".split()
) | set("area base br col embed hr img input link meta param source track wbr".split())
"""Elements whose end may be left out, and those that have none: nothing tells by their tags how deep they lie."""
_MAX_DEPTH = 5000
_MENU_LINKS = 3
"""Links from which a list of nothing but short links is a menu."""
_MENU_LABEL = 30
"""Characters of a link of a menu, on the average, at most."""


def read(data: bytes) -> Parsed:
    """The page's text and blocks. Raises InputError with the reason, ready to follow "PATH: "."""
    text = _decode(data)
    _refuse_deep(text)
    parser = LexborHTMLParser(text)
    body = parser.body
    if body is None:
        raise InputError("it holds no page")
    metadata, main = _metadata(parser), _main(body)
    for node in reversed(main.css(_LEFT_OUT)):  # those inside others first
        # selectolax compares nodes by their HTML: equal ones would pass for the same.
        if node.mem_id != main.mem_id:
            node.decompose()
    for node in reversed(main.css("sup")):
        node.replace_with(raised(node.text()))
    reader = _Reader()
    reader.walk(main)
    return reader.draft.finish(metadata)


def _decode(data: bytes) -> str:
    """By the byte order mark, then what the page declares where that fits, then as any text."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = declared[1].decode("ascii").lower()
        try:
            # Pages that declare gb2312 or Latin-1 use characters beyond it; the WHATWG standard reads them so too.
            latin = codecs.lookup(name).name in ("iso8859-1", "ascii")
            return data.decode("cp1252" if latin else "gb18030" if name.startswith("gb") else name)
        except (LookupError, UnicodeError):
            pass
    return decode(data)[0]


def _refuse_deep(text: str) -> None:
    """Parsing takes time by the square of how deep elements lie in one another."""
    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() not in _OPEN_ENDED:
            depth = max(depth - 1, 0) if tag[1] else depth + 1
            if depth > _MAX_DEPTH:
                raise InputError(f"its elements lie more than {_MAX_DEPTH} deep in one another; simplify the page")


def _metadata(parser: LexborHTMLParser) -> Metadata:
    named: dict[str, str] = {}
    for meta in parser.css("meta"):
        name = meta.attributes.get("name") or meta.attributes.get("property") or ""
        named.setdefault(name.lower(), meta.attributes.get("content") or "")
    title = parser.css_first("title")
    shown = title.text(strip=True) if title else ""
    date = named.get("article:published_time") or named.get("date") or named.get("dcterms.date")
    return Metadata(named.get("og:title") or shown or None, named.get("author") or None, date or None)


def _main(body: LexborNode) -> LexborNode:
    """The one element that is declared to be the main text, else the body."""
    for selector in ("main", "[role=main]", "article"):
        found = body.css(selector)
        if len(found) == 1 and found[0].text(strip=True):
            return found[0]
    return body


class _Reader:
    """Walks the tree without recursion: pages may be nested deeper than Python calls may."""

    def __init__(self) -> None:
        self.draft = Draft()
        self._run: list[str] = []
        self._links: list[str] = []
        """The texts of the links in it."""
        self._lists: list[list[int | None]] = []
        """For each open list, the number of its next item; None where it has no numbers."""
        self._marks: list[str] = []
        """The number of an item whose text has not begun."""
        self._terms: list[str] = []
        """Those of a definition list that nothing has defined yet."""
        self._menu: int | None = None
        """The list that is left out."""

    def walk(self, root: LexborNode) -> None:
        node: LexborNode | None = root
        while node is not None:
            below = self._enter(node)
            if below is not None:
                node = below
                continue
            while node is not None:
                self._leave(node)
                if node.mem_id == root.mem_id:
                    node = None
                elif node.next is not None:
                    node = node.next
                    break
                else:
                    node = node.parent
        self._flush()

    def _enter(self, node: LexborNode) -> LexborNode | None:
        """The first node to go on with below this one; None when it is read or left out as a whole."""
        tag = node.tag or ""
        if tag == "-text":
            self._run.append((node.text_content or "").replace("\n", " "))  # only <br> breaks a line
            return None
        if tag in _INLINE:
            if tag == "a":
                self._links.append(node.text(strip=True))
            return node.child
        if tag == "br":
            self._run.append("\n")
            return None
        if tag.startswith(("-", "!", "_")):
            return None
        self._flush()
        if (heading := _HEADING.fullmatch(tag)) is not None:
            self._introduce()
            self.draft.heading(int(heading[1]), inline(node))
            return None
        if tag == "table" and is_data(node):
            self._introduce()
            caption = node.css_first("caption")
            self.draft.table(grid(node, inline), inline(caption) if caption else "")
            return None
        return self._block(node, tag)

    def _block(self, node: LexborNode, tag: str) -> LexborNode | None:
        if tag in ("ul", "ol"):
            if not self._lists and _is_menu(node):
                self._menu = node.mem_id
                return None
            self._introduce()
            start = node.attributes.get("start") or "1"
            first = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1
            self._lists.append([first if tag == "ol" else None])
        elif tag == "li" and self._lists:
            number = self._lists[-1][0]
            own = node.attributes.get("value") or ""
            if number is not None and own.isascii() and own.isdigit() and len(own) < 7:
                number = int(own)
            self._marks.append("" if number is None else f"{number}. ")
            self._lists[-1][0] = None if number is None else number + 1
        elif tag == "dt":
            self._terms.append(inline(node))
            return None
        elif tag == "dl":
            self._introduce()
        elif tag == "pre":
            self._introduce()
            self.draft.add(node.text(), "code")
            return None
        return node.child

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _INLINE or tag.startswith("-") or tag == "br":
            return
        self._flush()
        if tag == "dl":
            self.draft.add(self._taken())
        # The menu was never opened.
        if tag in ("ul", "ol") and self._lists and node.mem_id != self._menu:
            self._lists.pop()
        elif tag == "li" and self._marks:
            self._marks.pop()

    def _introduce(self) -> None:
        """A term before a list, a table or another block is a line of its own, "Bring:"."""
        if self._terms:
            self.draft.add(_defined(self._taken(), ""))

    def _taken(self) -> str:
        """The terms that wait for a definition, which is at hand now."""
        terms, self._terms = [term for term in self._terms if term], []
        return "".join(_defined(term, "", (", ", "、")) for term in terms[:-1]) + "".join(terms[-1:])

    def _flush(self) -> None:
        """The run of text that has been collected becomes a block."""
        text, links = "".join(self._run), self._links
        self._run, self._links = [], []
        if not text.strip() or (_are_menu(links) and "".join(" ".join(links).split()) == "".join(text.split())):
            return
        text = "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())
        if self._terms:
            text = _defined(self._taken(), text)
        if self._marks:
            text, self._marks[-1] = self._marks[-1] + text, ""
            self.draft.add(text, "list_item")
        else:
            self.draft.add(text)


def _defined(term: str, text: str, signs: tuple[str, str] = (": ", "：")) -> str:
    """A term with what defines it, "Ranger: Mei Sato"; a question or a label above its answer."""
    if not term[-1:].isalnum() or "\n" in text:
        return f"{term}\n{text}"
    return term + signs[columns(term[-1]) == 2] + text


def inline(node: LexborNode) -> str:
    """The text of an element on one line, pieces of other blocks apart."""
    return " ".join("".join(_pieces(node)).split())


def _pieces(node: LexborNode) -> Iterator[str]:
    for part in node.traverse(include_text=True):
        if part.tag == "-text":
            yield part.text_content or ""
        elif part.tag not in _INLINE:
            yield " "


def _is_menu(node: LexborNode) -> bool:
    """A list of nothing but short links leads elsewhere."""
    links = [link.text(strip=True) for link in node.css("a")]
    return _are_menu(links) and sum(map(len, links)) >= 0.9 * len(node.text(strip=True))


def _are_menu(links: list[str]) -> bool:
    return len(links) >= _MENU_LINKS and sum(map(len, links)) <= _MENU_LABEL * len(links)
