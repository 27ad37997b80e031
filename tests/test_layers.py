"""index <- prompts <- rag <- eval <- api: each package imports only what stands to its left; start-up stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["index", "prompts", "rag", "eval", "api"]


@pytest.mark.parametrize("package", ORDER)
def test_imports_point_left(package):
    allowed = set(ORDER[: ORDER.index(package) + 1])
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in {n.split(".")[0] for n in names} & set(ORDER):
                assert name in allowed, f"{file.name} imports {name}"


def test_public_names_are_sorted_and_real():
    assert rag.__all__ == sorted(rag.__all__)
    assert all(hasattr(rag, name) for name in rag.__all__)


def test_the_command_starts_without_heavy_imports():
    heavy = ["torch", "faiss", "tokenizers", "numpy", "fastapi", "uvicorn", "mcp"]
    code = f"import sys, api.cli.main; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
