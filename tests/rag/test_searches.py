"""What a model proposes to search for beside the question, when the settings say so."""

import pytest

from index.errors import EndpointError
from rag import Assistant, Settings
from rag.events import Sources
from tests.support.scripted import events, refused, stream, whole

QUESTION = "比较望江区和松岭区的新增企业。"
SAID = "望江区新增企业61家。[1]"


@pytest.fixture
def assistant(server, tmp_path):
    places = {"望江区": "望江区新增企业61家。", "松岭区": "松岭区新增企业52家。", "柳湖区": "柳湖区的灯塔建于1903年。"}
    for name, text in places.items():
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")

    def made(*replies, **more):
        server.replies = list(replies)
        settings = {"library": tmp_path / "lib", "model": "m", "base_url": server.url, "timeout": 5, "retries": 0}
        opened = Assistant.open(settings=Settings(**(settings | {"searches": "model", "k": 1} | more)))
        opened.add(sorted(tmp_path.glob("*.md")))
        return opened

    return made


def test_what_the_searches_find_follows_what_the_question_finds(assistant, server):
    answer = assistant(whole("1. 望江区 新增企业\n2. 柳湖区的灯塔"), whole(SAID)).ask(QUESTION)
    [alone] = assistant(whole(SAID), searches="question").ask(QUESTION).hits
    first, *further = answer.hits
    assert first.paragraph.id == alone.paragraph.id
    assert "灯塔" in "".join(hit.text for hit in further)
    assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
    assert len({hit.paragraph.id for hit in answer.hits}) == len(answer.hits)
    assert answer.model["searches"] == ["望江区 新增企业", "柳湖区的灯塔"]
    propose, write = server.requests[:2]
    assert "灯塔" not in propose["messages"][0]["content"]  # no source is shown
    assert "1903" in write["messages"][0]["content"]


@pytest.mark.parametrize(
    "reply",
    [QUESTION, "", "2019年望江区新增企业", "望" * 200, "<think>望江区</think>", "1.\n2.\n-"],
)
def test_a_line_that_is_no_search_is_passed_over(assistant, reply):
    answer = assistant(whole(reply), whole(SAID)).ask(QUESTION)
    assert len(answer.hits) == 1
    assert "searches" not in answer.model
    assert answer.refused is None


def test_three_searches_at_most(assistant):
    lines = "\n".join(f"- {name}的企业" for name in ("望江区", "松岭区", "柳湖区", "南浦区", "北原区"))
    assert len(assistant(whole(lines), whole(SAID)).ask(QUESTION).model["searches"]) == 3


def test_a_request_that_fails_leaves_the_question(assistant):
    answer = assistant(refused("overloaded", 503), whole(SAID)).ask(QUESTION)
    assert len(answer.hits) == 1
    assert answer.refused is None


def test_a_recording_that_lacks_the_reply_is_an_error(assistant, tmp_path):
    with pytest.raises(EndpointError, match="recording"):
        assistant(whole("x"), cassette="replay", cassette_dir=tmp_path / "tape").ask(QUESTION)


def test_further_searches_make_no_evidence(assistant, server):
    answer = assistant(whole("望江区 新增企业")).ask("量子引力的弦论解释是什么？")
    assert answer.refused == "low_evidence"
    assert len(server.requests) == 1


def test_nobody_proposes_where_nothing_was_set(assistant, server):
    assistant(whole(SAID), searches="question").ask(QUESTION)
    assert len(server.requests) == 1


def test_without_a_model_the_question_is_all_that_is_searched_for(assistant, server):
    assert len(assistant(model=None).ask(QUESTION).hits) == 1
    assert not server.requests


def test_a_stream_shows_all_that_was_found(assistant):
    found = next(
        event
        for event in assistant(whole("柳湖区的灯塔"), stream(*events(*SAID))).stream(QUESTION)
        if isinstance(event, Sources)
    )
    assert len(found.hits) > 1
