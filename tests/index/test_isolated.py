"""Files that break their reader are named; the next file is read all the same."""

import os

import pytest

from index.errors import InputError
from index.reading import isolated
from index.reading.files import read


@pytest.fixture
def readers(tmp_path, monkeypatch):
    """Readers that use up memory, time or their process, in the place where the isolated process looks for readers."""
    (tmp_path / "extra.py").write_text(
        "import os\n"
        "def memory(data): return 'x' * 9_000_000_000\n"
        "def forever(data):\n    while True: pass\n"
        "def dies(data): os._exit(3)\n"
        "def wrong(data): raise KeyError('no sentence')\n"
        "def needs(data): import no_such_package\n"
        "def noisy(data):\n    print('a line of its own')\n"
        "    from index.records import Block, Parsed\n"
        "    return Parsed('hello', (Block(0, 5, ('Title',), 2, 'list_item', 'before'),), notes=('a note',))\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))))
    monkeypatch.setattr(isolated, "_PACKAGE", "")
    isolated.stop()
    yield "extra"
    isolated.stop()


def test_a_file_that_uses_up_memory_or_time_or_crashes_is_named_and_the_next_is_read(readers, monkeypatch):
    for function, reason in {"memory": "memory", "dies": "memory or time", "wrong": "damaged"}.items():
        with pytest.raises(InputError, match=reason):
            isolated.call(f"extra:{function}", b"")
    monkeypatch.setattr(isolated, "PATIENCE", 0.005)
    with pytest.raises(InputError, match="takes too long"):
        isolated.call("extra:forever", b"")
    monkeypatch.undo()


def test_what_a_library_prints_does_not_come_between(readers):
    made = isolated.call("extra:noisy", b"")
    assert made["text"] == "hello"
    assert made["blocks"] == [[0, 5, ["Title"], 2, "list_item", "before"]]


def test_a_library_that_is_missing_is_named_with_the_command_that_installs_it(readers):
    with pytest.raises(InputError, match=r"needs no_such_package, .* pip install no_such_package"):
        isolated.call("extra:needs", b"")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"not a PDF", "damaged; print or save it as PDF again"),
        ("a.docx", b"not a zip", "damaged; open it in the program that wrote it"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "open it in Word and save it as .docx"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "open it in Excel and save it as .xlsx"),
        ("a.ppt", b"\xd0\xcf\x11\xe0", "open it in PowerPoint and save it as .pptx"),
    ],
)
def test_one_sentence_names_the_next_step(tmp_path, name, data, reason):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=reason):
        read(tmp_path / name, name)
