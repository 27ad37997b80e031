"""Every test runs in a temporary folder with a clean environment."""

import os

import pytest
from hypothesis import settings

settings.register_profile("footnote", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("footnote")


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path
