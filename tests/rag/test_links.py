"""What a model links to, or wants shown, is in a source or goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.compose import compose
from rag.links import LinkFilter
from tests.support.found import hits

SOURCE = "See https://footnote.example/a for the report."
TEXTS = {
    "a ![x](https://evil.example/?q=1) b": "a  b",
    "a [text](https://evil.example) b": "a text b",
    "a [text](https://footnote.example/a) b": "a [text](https://footnote.example/a) b",
    "nine.[1](https://evil.example)": "nine.[1]",
    "nine.[[1]](https://evil.example)": "nine.[1]",
    "nine.[1] (see there)": "nine.[1] (see there)",
    "an array a[1] and ![no picture": "an array a[1] and ![no picture",
    "!": "!",
}


def filtered(pieces):
    links = LinkFilter(compose("?", hits(SOURCE)))
    return "".join(links.feed(piece) for piece in pieces) + links.finish()


@pytest.mark.parametrize(("text", "left"), TEXTS.items())
def test_addresses_that_no_source_holds_go(text, left):
    assert filtered([text]) == left


@given(st.lists(st.sampled_from(["!", "[", "]", "(", ")", "a", "1", "https://x.y", "\n", " "]), max_size=40))
def test_any_split_gives_what_the_whole_gives(pieces):
    assert filtered(pieces) == filtered(["".join(pieces)])
