"""What a paragraph's format knows of it goes out as JSON: context, kind, page, a document's own data, notes."""

import json

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from api.cli.main import app as command
from api.http import outputs
from api.http.app import create_app
from rag import Assistant, Settings
from tests.support.serving import job_done, talk

RULES = """---
title: Berth rules
author: Petra Holm
date: 2024-03-01
---

Status: superseded by the rules of 2026

| Quay | Berths |
|---|---|
| North quay | 34 |
| South quay | 21 |
"""
QUESTION = "How many berths does the South quay have?"


@pytest.fixture
def settings(tmp_path):
    made = Settings(library=tmp_path / "lib")
    (tmp_path / "rules.md").write_text(RULES)
    with Assistant.open(settings=made) as assistant:
        assistant.add([tmp_path / "rules.md"])
    return made


def shown(*arguments):
    return json.loads(CliRunner().invoke(command, [*arguments, "--json"]).stdout)


def test_a_citation_carries_the_names_of_the_columns_and_that_its_document_is_superseded(settings):
    answer = talk(create_app(settings), lambda client: client.post("/v1/ask", json={"question": QUESTION})).json()
    TypeAdapter(outputs.AnswerOut).validate_python(answer)
    [citation] = answer["citations"]
    assert citation["text"] == "South quay | 21"
    assert (citation["kind"], citation["context"], citation["superseded"]) == ("table_row", "Quay | Berths", True)
    [hit] = answer["hits"]
    assert (hit["page"], hit["superseded"]) == (None, True)


def test_the_documents_list_has_title_author_date_and_whether_it_is_superseded(settings):
    own = {"title": "Berth rules", "author": "Petra Holm", "date": "2024-03-01", "superseded": True}
    listed = talk(create_app(settings), lambda client: client.get("/v1/documents")).json()
    TypeAdapter(outputs.Documents).validate_python(listed)
    for documents in (listed["documents"], shown("list", "--library", str(settings.library))):
        assert own.items() <= documents[0].items()


def test_the_command_line_shows_the_same(settings):
    library = ("--library", str(settings.library))
    [citation] = shown("ask", QUESTION, *library)["citations"]
    assert (citation["context"], citation["superseded"]) == ("Quay | Berths", True)
    assert {"page", "context", "superseded"} <= shown("search", QUESTION, *library)[0].keys()
    assert "(superseded)" in CliRunner().invoke(command, ["ask", QUESTION, *library]).stdout


def test_what_was_lost_in_reading_is_in_the_report_of_a_job(settings):
    line = "渡轮上午九点开，票在码头买。\n".encode()
    damaged = line * 50 + b"\xff" + line * 50

    async def work(client):
        files = {"files": ("ferry.txt", damaged, "text/plain")}
        return await job_done(client, (await client.post("/v1/documents", files=files)).json()["job"]["id"])

    job = talk(create_app(settings), work)
    TypeAdapter(outputs.JobOut).validate_python(job)
    [[note]] = job["report"]["notes"].values()
    assert "1 character" in note
