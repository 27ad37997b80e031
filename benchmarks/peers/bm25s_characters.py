"""bm25s with a pattern that users of it have to know: a Chinese or Japanese character is a word."""

from pathlib import Path

from peers import bm25s
from peers.measure import Embed, Search

NAME, PACKAGE = "bm25s, CJK by character", "bm25s"
WORDS = r"[぀-ヿ㐀-鿿]|[^\W぀-ヿ㐀-鿿]+"


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    return bm25s.index(texts, folder, embed, token_pattern=WORDS)
