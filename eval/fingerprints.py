"""What a run was made with, so that two runs are seen to differ before their figures are compared."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval.cases import EvalSet
from index import chunking, words
from prompts.templates import answer_template
from rag.assistant import Assistant

_PRIVATE = {
    *("library", "cassette", "cassette_dir", "api_key", "headers", "proxy", "ca_bundle", "retries"),
    *("timeout", "connect_timeout", "first_token_timeout", "token_timeout"),
}
"""Settings that cannot change an answer, or must not be written down."""
_OF_ENDPOINTS = {"base_url", "max_tokens", "temperature", "fallback", "repair", "rewrite", "template"}
"""Settings that change nothing as long as no model is named."""
_PACKAGES = ("footnote-qa", "numpy", "faiss-cpu", "tokenizers")


def fingerprints(assistant: Assistant, eval_set: EvalSet) -> dict[str, str]:
    """Short hashes by what they stand for. File names and places do not count, only contents do."""
    documents = sorted(str(document["sha256"]) for document in assistant.library.store.documents())
    return {
        "corpus": _hash(documents),
        "set": eval_set.sha256[:16],
        "prompt": _hash([answer_template(assistant.settings.template).version, _templates()]),
        "model": _hash(assistant.model.description),
        "config": _hash(configuration(assistant)),
        "embedder": assistant.library.embedder.fingerprint,
    }


def configuration(assistant: Assistant) -> dict[str, Any]:
    """The settings that can change an answer, the model, and the versions of what cuts texts."""
    settings = assistant.settings
    ignored = _PRIVATE if settings.model else _PRIVATE | _OF_ENDPOINTS
    paths = {"template": settings.template, "tokenizer": settings.tokenizer}
    return {
        **settings.model_dump(mode="json", exclude=ignored),
        **{name: _contents(path) for name, path in paths.items() if name not in ignored},
        "embedder": assistant.library.embedder.name,
        "model": assistant.model.description,
        "chunking": chunking.VERSION,
        "words": words.VERSION,
    }


def is_live(assistant: Assistant) -> bool:
    """Whether asking again may give another answer: a model at an endpoint, unless its replies are replayed."""
    replayed = assistant.settings.cassette == "replay"
    return assistant.model.description.get("kind") == "endpoint" and not replayed


def versions() -> dict[str, str]:
    """Of Python and of the packages that rank; "unknown" for one that is not installed as a package."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _contents(path: Path | None) -> str | None:
    """The hash of a file, or of the tokenizer in a folder; None when there is none."""
    file = path / "tokenizer.json" if path and path.is_dir() else path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file and file.is_file() else None


def _templates() -> dict[str, str]:
    """The words sent to a model that answers, by file; the judge's are of no account."""
    texts = [file for file in files("prompts").iterdir() if file.name.endswith(".txt") and "judge" not in file.name]
    return {file.name: file.read_text(encoding="utf-8") for file in texts}


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]
