"""Of two versions of a document the newer comes first, and the older is named as such."""

import pytest

from index.library import Library
from index.records import Paragraph
from index.versions import newest_first
from rag.types import hit_dict, paragraph_dict

OLD = "业主大会会议应当有物业管理区域内专有部分占建筑物总面积过半数的业主参加。"
NEW = "业主大会会议应当有物业管理区域内专有部分面积占比三分之二以上的业主参加。"


def passage(source, text, title=None):
    return (Paragraph(source + text, text, (), source, 0, len(text), title=title),)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (("物业规定(2010-12-23).md", None), ("物业规定(2020-12-30).md", None)),
        (("rules_20101223.md", None), ("Rules 2020.pdf", None)),
        (("a.md", "物业规定（2010年）"), ("b.md", "物业規定（2020年）")),
        (("rules 2020-03.md", None), ("rules 2020-11.md", None)),
    ],
)
def test_the_newer_version_comes_first_and_the_older_names_it(older, newer):
    found = [passage(older[0], OLD, older[1]), passage("other 2021.md", NEW), passage(newer[0], NEW, newer[1])]
    assert newest_first(found, "业主大会需要多少业主参加？") == [(2, ""), (0, newer[0]), (1, "")]


@pytest.mark.parametrize(
    ("first", "second", "question"),
    [
        (("rules(2010).md", OLD), ("rules(2020).md", NEW), "2010年的规定怎么说？"),
        (("minutes(2010-01-05).md", OLD), ("minutes(2010-02-05).md", "会上讨论了停车位的价格。"), "讨论了什么？"),
        (("2010-01-05.md", OLD), ("2010-02-05.md", NEW), "业主怎么参加？"),
        (("chapter 1.md", OLD), ("chapter 2.md", NEW), "业主怎么参加？"),
        (("rules(2010).md", OLD), ("laws(2020).md", NEW), "业主怎么参加？"),
    ],
)
def test_what_is_no_version_or_is_asked_for_stays(first, second, question):
    assert newest_first([passage(*first), passage(*second)], question) == [(0, ""), (1, "")]


def test_hits_name_the_newer_version(tmp_path):
    for name, text in (("物业规定(2010-12-23).md", OLD), ("物业规定(2020-12-30).md", NEW)):
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
    with Library.open(tmp_path / "library", create=True) as library:
        library.add([tmp_path])
        hits = library.search("专有部分占建筑物总面积过半数的业主参加")
    newer = hits[0].paragraph.source
    assert [(hit.rank, hit.paragraph.newer) for hit in hits] == [(1, ""), (2, newer)]
    assert hit_dict(hits[1])["newer_version"] == paragraph_dict(hits[1].paragraph)["newer_version"] == newer
    assert newer == "物业规定(2020-12-30).md"
