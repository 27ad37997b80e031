"""A real OpenAI-compatible server: `transformers serve` over a tiny random model. Skipped where it is not installed.

pip install 'transformers[serving]'
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag import Assistant, Settings

pytestmark = pytest.mark.slow
SERVE = Path(sys.executable).with_name("transformers")


def build(folder):
    """A random Llama of two layers over bytes: it writes nonsense, but through the real code."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<s>", "</s>", "<pad>", "<unk>", "<u>", "<a>"]
    vocabulary = {piece: i for i, piece in enumerate(special + alphabet)}
    bytes_ = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    bytes_.pre_tokenizer, bytes_.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytes_, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    tokenizer.chat_template = "{% for m in messages %}<u>{{ m['content'] }}{% endfor %}<a>"
    tokenizer.save_pretrained(folder)
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(vocabulary), max_position_embeddings=8192, **shape)).save_pretrained(
        folder
    )
    GenerationConfig(max_new_tokens=40, suppress_tokens=list(range(6)), pad_token_id=2).save_pretrained(folder)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    if not SERVE.exists():
        pytest.skip("transformers is not installed")
    folder = tmp_path_factory.mktemp("tiny")
    build(folder)
    (folder / "home" / "hub").mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(SERVE), "serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    environment = os.environ | {"HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1"}
    log = (folder / "log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.3)
    else:
        server.kill()
        pytest.fail((folder / "log").read_text()[-2000:])
    yield f"http://127.0.0.1:{port}/v1", str(folder)
    server.terminate()
    server.wait(20)
    log.close()


def test_a_real_server_writes_and_nonsense_is_never_shown_as_an_answer(address, tmp_path):
    url, name = address
    text = "望江区建成中试车间23间，为61家企业完成验证147项。"
    (tmp_path / "r.txt").write_text(f"{text}\n\n松岭区新增光电子企业52家。\n", encoding="utf-8")
    settings = Settings(library=tmp_path / "lib", model=name, base_url=url, max_tokens=40, timeout=60)
    with Assistant.open(settings=settings) as assistant:
        assistant.add([tmp_path / "r.txt"])
        answer = assistant.ask("望江区建成了多少间中试车间？")
    assert answer.text == f"{text}[1]"
    assert answer.model["fallback"] == "extractive"
    assert "No sentence" in answer.model["notes"][-1]  # it did reply, and the reply was read
    assert answer.model["usage"]["completion_tokens"] > 0
