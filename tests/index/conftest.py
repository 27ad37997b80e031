"""A library beside two files that are not indexed yet."""

import pytest

from index.library import Library
from tests.support.two_files import ONE, TWO


@pytest.fixture
def library(tmp_path):
    (tmp_path / "one.txt").write_text(ONE, encoding="utf-8")
    (tmp_path / "two.txt").write_text(TWO, encoding="utf-8")
    with Library.open(tmp_path / "lib", create=True) as opened:
        yield opened
