"""CONTRIBUTING's tour names what a question really passes through, in order, and the question enters few files."""

import re
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

from api.cli.main import main
from index.question import Question
from tests.support.packaged import index_reports

ROOT = Path(__file__).resolve().parents[1]
TOUR = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## From `footnote ask`")[2]
STOPS = re.findall(r"^\d+\. `([\w/]+\.py)`, `([\w.]+)`", TOUR, re.MULTILINE)
TOOLS = {
    *("index/words.py", "index/text.py", "index/sentences.py", "index/pinyin.py"),
    *("index/static_model.py", "index/tokens.py", "index/translation.py", "index/spelling.py"),
    *("rag/checking/quantities.py", "rag/checking/numerals.py", "rag/cross_encoder.py"),
}
"""They take any text."""
ASKED = "望江区建成了多少间中试车间？"


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """(file, function) of every call of one `footnote ask`, by first entry, and the files that the question enters."""
    folder = tmp_path_factory.mktemp("tour")
    index_reports(folder)
    calls, rooms = {}, set()

    def follow(frame, event, _):
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(str(ROOT)):
            return
        place = Path(file).relative_to(ROOT).as_posix()
        calls.setdefault((place, frame.f_code.co_qualname), len(calls))
        if any(isinstance(v, Question) or (isinstance(v, str) and v == ASKED) for v in frame.f_locals.values()):
            rooms.add(place)

    sys.setprofile(follow)
    with suppress(SystemExit):
        main(["ask", ASKED, "--library", str(folder / "library")])
    sys.setprofile(None)
    return calls, {room for room in rooms if room.split("/")[0] in ("index", "prompts", "rag", "api")}


def test_there_are_ten_stops_and_each_is_a_function_that_exists():
    assert len(STOPS) == 10
    for file, function in STOPS:
        assert re.search(rf"^ *def {function.split('.')[-1]}\(", (ROOT / file).read_text(encoding="utf-8"), re.M)


def test_the_stops_are_entered_in_this_order(entered, capsys):
    calls, _ = entered
    assert [stop for stop in STOPS if stop not in calls] == []
    assert sorted(STOPS, key=calls.__getitem__) == STOPS


def test_the_question_enters_few_files(entered):
    _, rooms = entered
    assert len(rooms - TOOLS) == int(re.search(r"enters (\d+) files", TOUR)[1]) <= 15


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.match(r"[\w-]+", one)[0] for one in wanted} - {project["name"]}
    table = TOUR.partition("### Dependencies")[2].partition("###")[0]
    first = " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))
    assert names == {name for name in re.findall(r"[\w-]+", re.sub(r"\(.*?\)", "", first)) if name != "package"}
