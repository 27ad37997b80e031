"""A library of the small report, and applications over it: with the usual limits, and with small ones."""

import pytest

from tests.support.serving import SMALL, library


@pytest.fixture
def settings(tmp_path):
    return library(tmp_path)


@pytest.fixture
def app(settings):
    from api.http.app import create_app

    return create_app(settings)


@pytest.fixture
def small(settings):
    from api.http.app import create_app

    return create_app(settings, limits=SMALL)
