"""The faults of `benchmarks/faults.py` in a short form."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import LibraryError
from index.library import Library

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_kills_damage_a_full_disk_and_others_beside_lose_nothing():
    few = ["--kills", "4", "--full", "2", "--damages", "8", "--readers", "2", "--seconds", "2", "--seed", "7"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "faults.py"), *few],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Nothing was lost.\n")


@pytest.mark.parametrize("lost", ["passages", "locations WHERE position = 1"])
def test_a_passage_that_is_not_there_whole_is_told(tmp_path, lost):
    (tmp_path / "a.txt").write_text("The harbour was dredged.\n\nIt took nine weeks.\n\nThe mole was repaired.")
    with Library.open(tmp_path / "library", create=True) as library:
        library.add([tmp_path / "a.txt"])
        assert len(library.search("harbour")[0].paragraph_ids) == 3
    with closing(sqlite3.connect(tmp_path / "library" / "library.sqlite")) as db:
        db.execute(f"DELETE FROM {lost}")
        db.commit()
    with Library.open(tmp_path / "library") as library, pytest.raises(LibraryError, match="footnote restore"):
        library.search("harbour")


def test_a_text_that_is_none_any_more_is_told(tmp_path):
    (tmp_path / "a.txt").write_text("The harbour was dredged.")
    with Library.open(tmp_path / "library", create=True) as library:
        library.add([tmp_path / "a.txt"])
        [source] = [document["source"] for document in library.store.documents()]
        with closing(sqlite3.connect(tmp_path / "library" / "library.sqlite")) as db:
            db.execute("UPDATE documents SET text = 5")
            db.commit()
        with pytest.raises(LibraryError, match="footnote restore"):
            library.store.document_text(source)
