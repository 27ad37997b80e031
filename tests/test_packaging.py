"""What a user gets: a wheel with the five packages, the model and the examples; a command that never loads torch."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_wheel_holds_the_five_packages_the_model_the_page_and_the_examples(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {"index", "prompts", "rag", "eval", "api"}
    model = (
        "model.int8.safetensors",
        "tokenizer.json",
        "matching.npz",
        "answer_type.npz",
        "asking.npz",
        "names.npz",
        "translations.npz",
        "cross_encoder.npz",
        "PROVENANCE.md",
    )
    assert {f"index/model/{name}" for name in model} <= set(names)
    assert {"prompts/answer.en.txt", "prompts/rules.zh.txt", "index/model/reader.npz"} <= set(names)
    assert {f"api/web/{file.name}" for file in (ROOT / "api" / "web").iterdir()} <= set(names)
    assert {f"eval/{name}" for name in ("data/reports.jsonl", "data/baseline.json")} <= set(names)
    assert {
        f"eval/report/{name}" for name in ("words.toml", "templates/report.html.j2", "templates/report.css")
    } <= set(names)
    assert [name for name in names if name.startswith("api/examples/") and name.endswith((".txt", ".md"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_indexing_and_asking_never_import_torch(tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    code = (
        "import sys\nfrom api.cli.main import main\n"
        "def run(*words):\n    try: main(words)\n    except SystemExit as end: assert not end.code\n"
        "run('index', 'examples')\nrun('ask', '望江区建成了多少间中试车间？')\n"
        "print([m for m in ('torch', 'sentence_transformers', 'transformers') if m in sys.modules])"
    )
    run = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
    out = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "[1]" in out.stdout
    assert out.stdout.splitlines()[-1] == "[]"
