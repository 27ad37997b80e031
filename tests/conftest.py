"""Every test runs in a temporary folder with a clean environment. A browser and the page it looks at, per module."""

import os

import pytest
from hypothesis import settings

from tests.support import browser as browsing
from tests.support.scripted import Server

settings.register_profile("footnote", deadline=None)  # a busy machine is slow, not wrong
settings.register_profile("fast", deadline=None, max_examples=10)  # of `make fast`
settings.load_profile("footnote")


def pytest_ignore_collect(collection_path, config):
    """`-m "not slow"` does not even import a file that is slow as a whole: its libraries take seconds."""
    if config.option.markexpr == "not slow" and collection_path.suffix == ".py":
        lines = collection_path.read_text(encoding="utf-8").split("\n")
        return any(line.startswith("pytestmark") and "pytest.mark.slow" in line for line in lines) or None
    return None


def pytest_collection_modifyitems(items):
    """What opens the page is marked by its fixtures, so that no test can forget it."""
    for item in items:
        if {"browser", "site", "page", "run"} & set(item.fixturenames):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server():
    """An OpenAI-compatible endpoint that says what it is told to."""
    made = Server()
    yield made
    made.close()


@pytest.fixture(scope="session")
def packaged(tmp_path_factory):
    """The library of the example reports, for tests that only read it: indexed once in each process."""
    from tests.support.packaged import index_reports

    return index_reports(tmp_path_factory.mktemp("packaged"))


@pytest.fixture(scope="module")
def browser():
    with browsing.chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """The address of the page over two reports, without a model."""
    from tests.support.serving import server

    with server(browsing.application(tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture
def page(browser, site):
    with browsing.opened(browser, site) as page:
        yield page


@pytest.fixture(scope="module")
def run(browser, site):
    """run("text.js", "m => m.place(...)", argument): what the function gives for the module."""
    with browsing.opened(browser, site) as page:

        def run(module, function, argument=None):
            code = "async ([module, argument]) => (FUNCTION)(await import(`/web/${module}`), argument)"
            return page.evaluate(code.replace("FUNCTION", function), [module, argument])

        yield run
