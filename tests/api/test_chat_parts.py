"""Where a chat completion's content ends, and how its footnotes name a place."""

from hypothesis import given
from hypothesis import strategies as st

from api.http.chat_cut import Cut
from api.http.chat_footnotes import place
from prompts.tokens import estimate_tokens


@given(st.lists(st.text("ab字 ", max_size=3), max_size=8), st.sampled_from(["ab", "aab", "字"]), st.integers(1, 6))
def test_content_is_cut_alike_however_it_comes(pieces, stop, most):
    text = "".join(pieces)
    parts, whole = Cut([stop], most), Cut([stop], most)
    given_in_parts = "".join([*map(parts.feed, pieces), parts.finished()])
    assert given_in_parts == whole.feed(text) + whole.finished() == parts.given
    assert stop not in given_in_parts
    assert text.startswith(given_in_parts)
    assert estimate_tokens(given_in_parts) <= most


def test_a_place_names_the_page():
    assert place({"source": "a.pdf", "page": 3, "heading": ["Ports", "2024\n"]}) == "a.pdf, p. 3 › Ports › 2024 "
