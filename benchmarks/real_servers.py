"""The endpoint client and the doctor against real servers: `transformers serve`, and LiteLLM in front of it.

    python benchmarks/real_servers.py [--litellm FOLDER_OF_ITS_ENVIRONMENT]

The model is tiny and random: what it writes is nonsense, how it is sent is real. LiteLLM wants an environment of its
own: python -m venv ENV && ENV/bin/pip install 'litellm[proxy]'.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from index.errors import EndpointError
from rag import Settings
from rag.diagnostics import examine
from rag.llm.endpoint import open_model
from rag.llm.model import Reply
from tests.support.real_server import free_port, running, transformers_serve

HELLO = [{"role": "user", "content": "望江区建成了多少间中试车间？"}]
KEY = "sk-of-the-benchmark"


def show(name: str, settings: Settings) -> None:
    """Whole, streamed, with a wrong key and a wrong model, and what the doctor says."""
    print(f"\n## {name}\n")
    model = open_model(settings)
    reply = model.write(HELLO)
    print(f"whole: {len(reply.text)} characters, {summary(reply)}")
    *pieces, reply = model._attempts(HELLO, stream=True)
    assert isinstance(reply, Reply)
    print(f"streamed: {len(pieces)} pieces, {len(reply.text)} characters, {summary(reply)}")
    for change in ({"model": "no-such-model"}, {"api_key": "sk-wrong"}):
        try:
            open_model(Settings.model_validate(settings.model_dump() | change)).write(HELLO)
            print(f"{change}: a reply")
        except EndpointError as error:
            print(f"{change}: {error}")
    for finding in examine(settings):
        if finding.subject not in ("library", "embedder"):
            print(f"doctor: {finding.verdict:6}{finding.subject:11}{finding.said} {finding.fix}".rstrip())


def summary(reply: Reply) -> str:
    """What the record says, without the model's folder."""
    record = {name: reply.record[name] for name in ("finish_reason", "usage", "ms")}
    return json.dumps(record | {"sent": {k: v for k, v in reply.record["sent"].items() if k != "model"}})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", type=Path, help="environment with litellm[proxy]")
    litellm = parser.parse_args().litellm
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "tiny"
        folder.mkdir()
        with transformers_serve(folder) as (url, name):
            common = {"max_tokens": 40, "timeout": 60.0}
            show(f"transformers serve {version('transformers')}", Settings(model=name, base_url=url, **common))
            if litellm:
                show_litellm(litellm, Path(made), url, name, common)


def show_litellm(environment: Path, made: Path, url: str, name: str, common: dict[str, float]) -> None:
    upstream = {"model": f"openai/{name}", "api_base": url, "api_key": "none"}
    config = {
        "model_list": [{"model_name": "tiny", "litellm_params": upstream}],
        "general_settings": {"master_key": KEY},
    }
    (made / "lite.yaml").write_text(json.dumps(config))  # JSON is YAML
    python = environment / "bin" / "python"
    said = "import importlib.metadata as m; print(m.version('litellm'))"
    which = subprocess.run([python, "-c", said], capture_output=True, text=True, check=True).stdout.strip()
    port = free_port()
    command = [str(environment / "bin" / "litellm"), "--config", str(made / "lite.yaml")]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with running(command, port, made, LITELLM_LOCAL_MODEL_COST_MAP="True"):
        settings = Settings(model="tiny", base_url=f"http://127.0.0.1:{port}/v1", api_key=KEY, **common)
        show(f"LiteLLM {which} in front of it", settings)


if __name__ == "__main__":
    sys.exit(main())
