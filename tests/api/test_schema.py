"""The OpenAPI document says what the server does: schemathesis tries it with what the document allows and forbids."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.http.app import create_app
from tests.support.serving import library, server

pytestmark = pytest.mark.slow

OPERATIONS = [
    ("DELETE", "/v1/conversations/{identity}"),
    ("GET", "/v1/conversations/{identity}"),
    ("GET", "/v1/documents/{source}"),
    ("GET", "/v1/jobs/{identity}"),
    ("GET", "/v1/models/{name}"),
    ("GET", "/v1/paragraphs/{identity}"),
    ("GET", "/v1/paragraphs/{identity}/page.png"),
    ("DELETE", "/v1/documents/{source}"),
    ("POST", "/v1/ask"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/documents"),
    ("POST", "/v1/documents/reindex"),
    ("POST", "/v1/embeddings"),
    ("POST", "/v1/feedback"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/search"),
    ("POST", "/v1/verify"),
    ("PUT", "/v1/conversations/{identity}"),
    ("PUT", "/v1/model"),
]
BARE = [
    ("GET", "/healthz"),
    ("GET", "/metrics"),
    ("GET", "/readyz"),
    ("GET", "/v1/conversations"),
    ("GET", "/v1/documents"),
    ("GET", "/v1/model"),
    ("GET", "/v1/models"),
    ("GET", "/v1/status"),
    ("GET", "/v1/suggestions"),
]
"""They take nothing, so nothing can be wrong with it."""
CASES = [(*each, mode) for each in OPERATIONS for mode in GenerationMode]
CASES += [(*each, GenerationMode.POSITIVE) for each in BARE]
NOT_IN_SCHEMA = (
    "/v1/chat/completions",
    "/v1/documents",
    "/v1/documents/reindex",
    "/v1/embeddings",
    "/v1/feedback",
    "/v1/model",
    "/v1/responses",
)
"""A schema cannot say that the last message must be the user's, nor how a file's name must end, nor what
there is to choose from, nor how many dimensions the embedder has."""


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    app = create_app(library(tmp_path_factory.mktemp("schema")))
    app.state.footnote.jobs.start = lambda: None  # uploads are taken, not indexed
    with server(app) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


def test_no_operation_is_left_out(document):
    found = [result.ok() for result in document.get_all_operations()]
    assert sorted((each.method.upper(), each.path) for each in found) == sorted(OPERATIONS + BARE)


def survives_json(case):
    """Not two halves of a character, which JSON joins: half as long as the generator counts."""
    return not isinstance(case.body, dict | list) or json.loads(json.dumps(case.body)) == case.body


@pytest.mark.parametrize(("method", "path", "mode"), CASES, ids=str)
def test_every_operation_keeps_to_its_description(document, method, path, mode):
    @settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(document[path][method].as_strategy(generation_mode=mode).filter(survives_json))
    def run(case):
        case.call_and_validate(excluded_checks=[positive_data_acceptance] if path in NOT_IN_SCHEMA else [])

    run()
