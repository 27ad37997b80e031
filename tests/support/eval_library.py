"""A small library for tests of eval sets, and the text of its first document."""

from index.library import Library

TEXT = """望江区

望江区投入4.8亿元建成中试车间23间。全年验证147项。

松岭区

松岭区建成监测站９座，發佈《人才十條》。

The library counted 2.34 million visits in 2024. It has 12 branches.

全市共有车站17座。
"""
MORE = "全市共有车站17座。\n\nA second file says nothing else.\n"


def opened_library(folder):
    """A generator that opens the library, for a fixture to yield from."""
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text(MORE, encoding="utf-8")
    with Library.open(folder / ".footnote", create=True) as opened:
        opened.add([folder / "a.txt", folder / "sub"])
        yield opened
