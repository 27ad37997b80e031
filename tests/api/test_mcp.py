"""The MCP server with the official client: over HTTP, and on stdio as the command that an agent starts."""

import asyncio
import os
import sys
from pathlib import Path

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from api.http.app import create_app
from api.http.keys import Keys
from rag import Assistant
from tests.support.serving import ANSWER, QUESTION, UNKNOWN, library, server

pytestmark = pytest.mark.slow  # servers and whole answers, many times over

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return library(tmp_path_factory.mktemp("mcp"))


@pytest.fixture(scope="module")
def address(settings):
    with server(create_app(settings)) as running:
        yield f"{running}/mcp"


def talking(to, conversation, **more):
    async def run():
        async with Client(to, read_timeout_seconds=120, **more) as client:
            return await conversation(client)

    return asyncio.run(run())


def call(to, name, **arguments):
    return talking(to, lambda client: client.call_tool(name, arguments))


def command(settings):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from api.cli.main import main; main()"
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    arguments = ["-c", code, "mcp", "--library", str(settings.library)]
    return StdioServerParameters(command=sys.executable, args=arguments, env=environment)


async def _everything(client):
    tools = (await client.list_tools()).tools
    asked = await client.call_tool("ask", {"question": QUESTION})
    found = await client.call_tool("search", {"question": QUESTION, "k": 2})
    identity = found.structured_content["hits"][0]["paragraph_id"]
    read = await client.call_tool("read_paragraph", {"paragraph_id": identity})
    sources = {"answer": "望江区建成中试车间32间。[1]", "sources": ["望江区建成中试车间23间。"]}
    return tools, asked, found, read, await client.call_tool("verify", sources)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http(address, mode):
    check(talking(address, _everything, mode=mode))


@pytest.mark.slow
def test_on_stdio(settings):
    check(talking(command(settings), _everything))


def check(told):
    tools, asked, found, read, verified = told
    assert [tool.name for tool in tools] == ["search", "read_paragraph", "ask", "verify"]
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert asked.content[0].text.startswith(ANSWER)
    assert "[1] report.txt › 3.2 各区进展 › 望江区" in asked.content[0].text
    assert asked.structured_content["citations"][0]["verdict"] == "quoted"
    assert len(found.structured_content["hits"][0]["paragraph_ids"]) == 3
    assert read.structured_content["after"]["text"].startswith("新增光电子企业")
    assert verified.structured_content["sentences"][0]["verdict"] == "contradicted"
    assert not any(result.is_error for result in (asked, found, read, verified))


async def _documents(client):
    listed = await client.list_resources()
    [report] = listed.resources
    first, rest = [await client.read_resource(report.uri + more) for more in ("", "?offset=2")]
    return listed, first.contents[0].text, rest.contents[0].text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_documents_are_resources_listed_and_read_in_pages(address, mode, monkeypatch):
    monkeypatch.setattr("api.mcp._SHOWN", 2)
    listed, first, rest = talking(address, _documents, mode=mode)
    [report] = listed.resources
    assert (report.name, report.uri, listed.next_cursor) == ("report.txt", "footnote://documents/report.txt", None)
    assert first.startswith("建成全市首个中试平台")
    assert first.endswith("\n\n[2 of 3 paragraphs; footnote://documents/report.txt?offset=2]")
    assert rest == "芦洲区建成候鸟监测站11座，年节水约1200万立方米。"


def test_many_documents_are_listed_by_cursor(tmp_path, monkeypatch):
    monkeypatch.setattr("api.mcp._LISTED", 2)
    names = ["a b.md", "c.md", "d.md"]
    (tmp_path / "new").mkdir()
    for name in names:
        (tmp_path / "new" / name).write_text(f"The ferry {name} is free.", encoding="utf-8")
    settings = library(tmp_path)
    with Assistant.open(settings=settings) as assistant:
        assistant.add([tmp_path / "new"])

    async def listed(client):
        first = await client.list_resources()
        rest = await client.list_resources(cursor=first.next_cursor)
        read = await client.read_resource(first.resources[0].uri)
        return [first.resources, rest.resources, rest.next_cursor, read.contents[0].text]

    with server(create_app(settings)) as running:
        first, rest, end, read = talking(f"{running}/mcp", listed)
    assert [resource.name for resource in first + rest] == [*(f"new/{name}" for name in names), "report.txt"]
    assert (len(first), len(rest), end, read) == (2, 2, None, "The ferry a b.md is free.")


async def _refusals(client):
    wrong = ["x.txt", "../../etc/passwd", "/etc/passwd", "report.txt?offset=-1", "report.txt?offset=a"]
    for name in wrong:
        with pytest.raises(MCPError, match=r"holds no document|Unknown resource|no number") as caught:
            await client.read_resource(f"footnote://documents/{name}")
        assert caught.value.error.code == INVALID_PARAMS
    with pytest.raises(MCPError, match="no number"):
        await client.list_resources(cursor="later")


def test_a_resource_that_is_not_there(address):
    talking(address, _refusals)


@pytest.mark.slow
def test_an_answer_tells_how_far_it_is(settings):
    steps = []

    async def ask(client):
        async def told(progress, total, message):
            steps.append((progress, message))

        await client.call_tool("ask", {"question": QUESTION}, progress_callback=told)

    talking(command(settings), ask)
    assert steps == [(1, "Passages found: 1"), (2, ANSWER.removesuffix("[1]"))]


def test_a_refusal_is_no_error(address):
    result = call(address, "ask", question=UNKNOWN)
    assert not result.is_error
    assert result.structured_content["refused"] == "low_evidence"


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("ask", {"question": "  "}, "empty"),
        ("ask", {"question": 3}, "question"),
        ("ask", {}, "question"),
        ("search", {"question": "a", "k": 0}, "k"),
        ("read_paragraph", {"paragraph_id": "nothing"}, "holds no paragraph"),
        ("verify", {"answer": " ", "sources": ["a"]}, "must hold some text"),
    ],
)
def test_what_cannot_be_done_is_told_to_the_agent(address, name, arguments, words):
    result = call(address, name, **arguments)
    assert result.is_error
    assert words in result.content[0].text
    assert "Traceback" not in result.content[0].text


def test_http_needs_a_key_when_there_are_keys_and_turns_other_sites_away(tmp_path):
    settings = library(tmp_path)
    _, whole = Keys(settings.library).create("agent", ["ask"])
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accepts = {"Accept": "application/json, text/event-stream"}
    with server(create_app(settings)) as running:
        bare = httpx.post(f"{running}/mcp", json=body, headers=accepts)
        with_key = httpx.post(f"{running}/mcp", json=body, headers=accepts | {"Authorization": f"Bearer {whole}"})
        foreign = httpx.post(f"{running}/mcp", json=body, headers=accepts | {"Origin": "https://evil.example"})
        with pytest.raises(ExceptionGroup) as caught:
            talking(f"{running}/mcp", lambda client: client.list_tools())
    assert [bare.status_code, with_key.status_code, foreign.status_code] == [401, 200, 403]
    assert caught.group_contains(MCPError, match="footnote keys create")


def test_without_a_library_the_command_says_so(tmp_path, capsys):
    from api.cli.main import main

    with pytest.raises(SystemExit) as end:
        main(["mcp", "--library", str(tmp_path / "none")])
    assert end.value.code == 4
    assert "footnote index" in capsys.readouterr().err
