"""The clients that people use, from PyPI and npm, against `footnote serve` over the examples: one row for each.

    python benchmarks/clients.py [--environment FOLDER]

They go into an environment of their own, thrown away unless FOLDER is given. A row shows whether the answer comes,
where the client has its sources, whether it streams, and what a user reads whose key is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("openai", "langchain-openai", "llama-index-llms-openai-like", "litellm", "llm", "openai-agents", "mcp")
INSPECTOR = "@modelcontextprotocol/inspector@0.22.0"
QUESTION, ANSWER = "望江区建成了多少间中试车间？", "23间"
WRONG = "fn_wrong"
Row = dict[str, str]


def row(answer: str, sources: str, pieces: Iterable[str], error: str, vectors: int | None = None) -> Row:
    """What is printed of one client; `pieces` are what it streamed."""
    streamed = list(pieces)
    same = "".join(streamed) == answer
    return {
        "answers": "yes" if ANSWER in answer else f"no: {answer[:80]}",
        "sources": sources or "in the text",
        "streams": ("the same text" if same else "another text") if streamed else "-",
        "embeds": f"{vectors} numbers" if vectors else "-",
        "wrong key": "readable" if "footnote keys create" in error else f"no: {error[:80]}",
    }


def failing(work: Callable[[], object]) -> str:
    """What a user reads when it fails."""
    try:
        return f"no error: {work()}"
    except Exception as error:
        while isinstance(error, ExceptionGroup):  # from a client that runs tasks
            error = error.exceptions[0]
        return str(error)


def completed(ask: Callable[..., Any], vector: Sequence[float]) -> Row:
    """Of a client whose answers are chat completions; `ask` takes another key, and whether to stream."""
    message = ask().choices[0].message
    found = ", ".join(dict(each)["type"] for each in dict(message).get("annotations") or [])
    pieces = [chunk.choices[0].delta.content or "" for chunk in ask(stream=True)]
    kinds = f"annotations ({found})" if found else ""
    return row(message.content, kinds, filter(None, pieces), failing(lambda: ask(WRONG)), len(vector))


def openai_(url: str, key: str) -> Row:
    import openai

    def client(secret: str = key) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{url}/v1", api_key=secret, max_retries=0)

    def ask(secret: str = key, **more: object) -> Any:  # noqa: ANN401 (the client's own)
        messages: Any = [{"role": "user", "content": QUESTION}]
        return client(secret).chat.completions.create(model="footnote", messages=messages, **more)

    return completed(ask, client().embeddings.create(model="footnote", input="a").data[0].embedding)


def langchain(url: str, key: str) -> Row:
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    common: Any = {"base_url": f"{url}/v1", "max_retries": 0}
    chat = ChatOpenAI(model="footnote", api_key=key, **common)
    message = chat.invoke(QUESTION)
    found = [each["type"] for block in message.content_blocks for each in block.get("annotations", [])]
    embedder = OpenAIEmbeddings(model="footnote", api_key=key, check_embedding_ctx_length=False, **common)
    wrong = ChatOpenAI(model="footnote", api_key=WRONG, **common)
    pieces = [chunk.text for chunk in chat.stream(QUESTION) if chunk.text]
    kinds = f"content_blocks ({', '.join(found)})" if found else ""
    return row(message.text, kinds, pieces, failing(lambda: wrong.invoke(QUESTION)), len(embedder.embed_query("a")))


def llama_index(url: str, key: str) -> Row:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    def model(secret: str) -> OpenAILike:
        return OpenAILike(model="footnote", api_base=f"{url}/v1", api_key=secret, is_chat_model=True, max_retries=0)

    asked = [ChatMessage(role="user", content=QUESTION)]
    answer = model(key).chat(asked)
    found = getattr(answer.raw, "footnote", None)
    pieces = [piece.delta or "" for piece in model(key).stream_chat(asked)]
    error = failing(lambda: model(WRONG).chat(asked))
    return row(answer.message.content or "", "raw.footnote" if found else "", filter(None, pieces), error)


def litellm_(url: str, key: str) -> Row:
    import litellm

    def ask(secret: str = key, **more: object) -> Any:  # noqa: ANN401 (the client's own)
        messages = [{"role": "user", "content": QUESTION}]
        return litellm.completion(
            "openai/footnote", messages=messages, api_base=f"{url}/v1", api_key=secret, max_retries=0, **more
        )

    vector = litellm.embedding("openai/footnote", input=["a"], api_base=f"{url}/v1", api_key=key).data[0]["embedding"]
    return completed(ask, vector)


def llm_(url: str, key: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        model = f"- model_id: footnote\n  model_name: footnote\n  api_base: {url}/v1\n  api_key_name: footnote\n"
        (Path(folder) / "extra-openai-models.yaml").write_text(model)

        def ask(secret: str, *more: str) -> subprocess.CompletedProcess[str]:
            command = [str(Path(sys.executable).parent / "llm"), "-m", "footnote", "--key", secret, *more, QUESTION]
            return subprocess.run(command, env=os.environ | {"LLM_USER_PATH": folder}, capture_output=True, text=True)

        whole, streamed, wrong = ask(key, "--no-stream"), ask(key), ask(WRONG)
    return row(whole.stdout or whole.stderr, "", [streamed.stdout], wrong.stderr)


def agents_(url: str, key: str) -> Row:
    """By the Responses API, its default."""
    import openai
    from agents import Agent, OpenAIProvider, RunConfig, Runner, set_tracing_disabled

    set_tracing_disabled(True)
    agent = Agent(name="reader", model="footnote")

    def provider(secret: str) -> RunConfig:
        client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=secret, max_retries=0)
        return RunConfig(model_provider=OpenAIProvider(openai_client=client))

    async def streamed() -> list[str]:
        events = Runner.run_streamed(agent, QUESTION, run_config=provider(key)).stream_events()
        raw = [event.data async for event in events if event.type == "raw_response_event"]
        return [data.delta for data in raw if data.type == "response.output_text.delta"]

    done = Runner.run_sync(agent, QUESTION, run_config=provider(key))
    [message] = done.raw_responses[-1].output
    found = ", ".join(annotation.type for annotation in message.content[0].annotations)
    wrong = failing(lambda: Runner.run_sync(agent, QUESTION, run_config=provider(WRONG)))
    return row(done.final_output, f"annotations ({found})", asyncio.run(streamed()), wrong)


def mcp_(url: str, key: str) -> Row:
    import httpx2
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async def talk(secret: str) -> tuple[str, str]:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {secret}"}) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
        ):
            answer = await client.call_tool("ask", {"question": QUESTION})
            resources = (await client.list_resources()).resources
            read = await client.read_resource(resources[0].uri)
        cited = len((answer.structured_content or {})["citations"])
        assert read.contents
        return answer.content[0].text, f"structured ({cited}), {len(resources)} resources"

    answer, found = asyncio.run(talk(key))
    return row(answer, found, [], failing(lambda: asyncio.run(talk(WRONG))))


def inspector(url: str, key: str) -> Row:
    def call(secret: str) -> str:
        command = ["npx", "-y", INSPECTOR, "--cli", f"{url}/mcp", "--transport", "http"]
        command += ["--header", f"Authorization: Bearer {secret}", "--method", "tools/call"]
        command += ["--tool-name", "ask", "--tool-arg", f"question={QUESTION}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        return done.stdout if done.returncode == 0 else done.stderr

    answer = json.loads(call(key))
    cited = len(answer["structuredContent"]["citations"])
    return row(answer["content"][0]["text"], f"structured ({cited})", [], call(WRONG))


CLIENTS: dict[str, Callable[[str, str], Row]] = {
    "openai": openai_,
    "langchain-openai": langchain,
    "llama-index-llms-openai-like": llama_index,
    "litellm": litellm_,
    "llm": llm_,
    "openai-agents": agents_,
    "mcp": mcp_,
    INSPECTOR: inspector,
}


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, str]]:
    """The address of a server over the examples, and its key."""
    footnote = [sys.executable, "-P", "-m", "api.cli"]
    own = os.environ | {"PYTHONPATH": str(ROOT), "FOOTNOTE_LIBRARY": str(folder / "library")}
    subprocess.run([*footnote, "index", str(ROOT / "examples" / "reports")], env=own, check=True, capture_output=True)
    made = subprocess.run([*footnote, "keys", "create", "clients"], env=own, check=True, capture_output=True, text=True)
    key = made.stdout.split()[0]
    process = subprocess.Popen([*footnote, "serve", "--port", "0"], env=own, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield re.findall(r"http://\S+", process.stdout.readline())[0], key
    finally:
        process.terminate()
        process.wait(60)


def tried(python: Path, name: str, url: str, key: str) -> Row:
    """One client in its own process; a client that cannot be run is a row too."""
    command = [str(python), "-P", __file__, "--try", name, url, key]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return {"answers": f"does not run: {done.stderr.strip().splitlines()[-1][:200]}"}
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", type=Path, help="folder for the clients' environment, kept")
    parser.add_argument("--try", nargs=3, dest="attempt", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.attempt:
        name, url, key = given.attempt
        known = version(name) if name in PACKAGES else name.rpartition("@")[2]
        print(json.dumps({"version": known} | CLIENTS[name](url, key)))
        return
    columns = ("version", "answers", "sources", "streams", "embeds", "wrong key")
    with tempfile.TemporaryDirectory() as made:
        environment = given.environment or Path(made) / "clients"
        if not (environment / "bin" / "python").exists():
            venv.create(environment, with_pip=True)
            subprocess.run([environment / "bin" / "pip", "install", "-q", *PACKAGES], check=True)
        print("| client | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))
        with serving(Path(made)) as (url, key):
            for name in CLIENTS:
                found = tried(environment / "bin" / "python", name, url, key)
                print(f"| {name} | " + " | ".join(found.get(column, "") for column in columns) + " |", flush=True)


if __name__ == "__main__":
    main()
