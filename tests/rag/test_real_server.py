"""A real OpenAI-compatible server: `transformers serve` over a tiny random model. Skipped where it is not installed.

pip install 'transformers[serving]'
"""

import pytest

from rag import Assistant, Settings
from rag.diagnostics import examine
from rag.events import Done
from rag.llm.profile import load_profile
from tests.support.real_server import transformers_serve

pytestmark = pytest.mark.slow
TEXT = "望江区建成中试车间23间，为61家企业完成验证147项。"
QUESTION = "望江区建成了多少间中试车间？"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    for package in ("fastapi", "uvicorn", "transformers"):
        pytest.importorskip(package)
    with transformers_serve(tmp_path_factory.mktemp("tiny")) as served:
        yield served


@pytest.fixture
def settings(address, tmp_path):
    url, name = address
    (tmp_path / "r.txt").write_text(f"{TEXT}\n\n松岭区新增光电子企业52家。\n", encoding="utf-8")
    made = Settings(library=tmp_path / "lib", model=name, base_url=url, max_tokens=40, timeout=60)
    with Assistant.open(settings=made) as assistant:
        assistant.add([tmp_path / "r.txt"])
    return made


@pytest.mark.parametrize("streamed", [False, True])
def test_a_real_server_writes_and_nonsense_is_never_shown_as_an_answer(settings, streamed):
    with Assistant.open(settings=settings) as assistant:
        *_, last = assistant.stream(QUESTION) if streamed else [Done(assistant.ask(QUESTION))]
    answer = last.answer
    assert answer.text == f"{TEXT}[1]"
    assert answer.model["fallback"] == "extractive"
    assert "No sentence" in str(answer.model["notes"])  # it did reply, and the reply was read
    assert answer.model["usage"]["completion_tokens"] > 0
    assert answer.model["sent"]["stream"] is streamed


def test_the_doctor_examines_a_real_server(settings):
    found = {finding.subject: finding for finding in examine(settings)}
    assert {finding.verdict for finding in found.values()} <= {"ok", "note"}
    assert found["streaming"].verdict == "ok"
    assert "max_tokens, temperature, stream_options accepted" in found["parameters"].said
    assert load_profile(settings.library, settings.base_url, settings.model).refused == frozenset()
    wrong = settings.model_copy(update={"model": "no-such-model"})
    [model] = [finding for finding in examine(wrong) if finding.verdict == "fault"]
    assert model.subject == "model"
    assert settings.model in model.fix
