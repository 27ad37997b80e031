"""The version of this program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def running_version() -> str:
    """Version of the installed distribution; "0" when run from a checkout that is not installed."""
    try:
        return version("footnote-qa")
    except PackageNotFoundError:
        return "0"
