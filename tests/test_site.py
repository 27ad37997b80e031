"""The site is built without a warning, and what is generated is on it."""

import html
import logging
import re
from pathlib import Path

import pytest

mkdocs_build = pytest.importorskip("mkdocs.commands.build", reason="needs pip install -e '.[docs]'")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The folder of the built site; a warning is an error."""
    from mkdocs.config import load_config

    folder = tmp_path_factory.mktemp("site")
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True)
    warnings = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: warnings.append(record.getMessage())
    logging.getLogger("mkdocs").addHandler(handler)
    try:
        config.plugins.on_startup(command="build", dirty=False)
        mkdocs_build.build(config)
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)
    assert warnings == []
    return folder


def words(page):
    """The text of a page without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_commands_settings_and_classes_are_generated(pages):
    commands = words(pages / "commands.html")
    assert "Usage: footnote eval run" in commands
    assert "--no-fallback" in commands
    assert "FOOTNOTE_FIRST_TOKEN_TIMEOUT" in words(pages / "index.html")
    assert "The answer with its marks" in words(pages / "api.html")


def test_nothing_is_loaded_from_elsewhere(pages):
    for page in pages.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"<(?:script|img|iframe)[^>]+src=\"(?:https?:)?//|<link[^>]+stylesheet[^>]+//", text) == []
