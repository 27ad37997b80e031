"""Kills, damage, a full disk, several writers and readers: is anything lost, and is it said in one sentence?

    python benchmarks/faults.py [--kills 200] [--damages 200] [--readers 20] [--seconds 10] [--seed 0]

A kill comes at a random moment of indexing, indexing anew, pruning, removing or embedding anew; afterwards the library
must open, and after the same command once more answer as a fresh library over the same documents does. Damage hits a
random file below the library's folder; a search must answer as before or end with one sentence, and `footnote index`
must mend what is made from SQLite. Exit code 1 when anything else happens.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from index.errors import FootnoteError, LibraryLockedError
from index.library import Library

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ("3号区新建了多少实验室？", "How many laboratories did district 7 open?", "编号11的投资")
FILES = 60
Hits = list[list[tuple[str, str, float]]]

CHILD = """
import sys
from pathlib import Path
from index.library import Library
what, library, documents = sys.argv[1:4]
with Library.open(library) as opened:
    opened.embedder.tokens(["x" * 30_000])  # what is loaded first is no part of the write
    print("go", flush=True)
    if what == "remove":
        opened.remove("documents/7.txt")
    elif what == "reembed":
        opened.reembed()
    else:
        opened.add([documents], prune=what == "prune")
"""
READER = """
import sys, time
from index.library import Library
until, count = time.monotonic() + float(sys.argv[2]), 0
with Library.open(sys.argv[1]) as library:
    while time.monotonic() < until:
        editions = {hit.text.partition("：")[0] for hit in library.search("建成多少个充电桩", 5)}
        assert len(editions) == 1, editions
        count += 1
print(count)
"""


def write(documents: Path, numbers: range, edition: int = 0) -> None:
    documents.mkdir(exist_ok=True)
    for i in numbers:
        lines = [f"{i}号区第{edition}年新建实验室{i * j}个，编号{j}的投资为{i + j}万元。" for j in range(1, 9)]
        lines += [f"In year {edition} district {i} opened {i * j} laboratories of kind {j}." for j in range(1, 9)]
        (documents / f"{i}.txt").write_text("\n\n".join(lines), encoding="utf-8")


def hits(library: Library) -> Hits:
    return [[(h.paragraph.source, h.text, round(h.score, 5)) for h in library.search(q, 8)] for q in QUESTIONS]


def fresh(place: Path) -> Hits:
    """What a library made now over these documents answers."""
    with tempfile.TemporaryDirectory(dir=place) as name, Library.open(Path(name), create=True) as library:
        library.add([place / "documents"])
        return hits(library)


def prepare(place: Path, what: str, pick: random.Random) -> None:
    """A library, and what the command will find changed."""
    write(place / "documents", range(FILES))
    with Library.open(place / "library", create=True) as library:
        library.add([place / "documents"])
    if what in ("index", "reindex"):
        write(place / "documents", range(FILES, FILES + 20) if what == "index" else range(20), pick.randint(1, 9))
    if what in ("prune", "remove"):
        gone = range(10) if what == "prune" else [7]
        for i in gone:
            (place / "documents" / f"{i}.txt").unlink()


def start(place: Path, what: str, limit: int | None = None) -> subprocess.Popen[str]:
    """The command in a process of its own, about to write; `limit` is the size that no file may exceed."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    command = [sys.executable, "-c", CHILD, what, str(place / "library"), str(place / "documents")]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited if limit else None,
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


def again(place: Path, what: str) -> Hits:
    """The command once more, as its user would type it; what the library answers then."""
    with Library.open(place / "library") as library:
        library.search(QUESTIONS[0])
        if what == "remove":
            if any(d["source"] == "documents/7.txt" for d in library.store.documents()):
                library.remove("documents/7.txt")
        elif what == "reembed":
            library.reembed()
        else:
            library.add([place / "documents"], prune=what == "prune")
        return hits(library)


def kill(place: Path, pick: random.Random) -> str:
    what = pick.choice(("index", "reindex", "prune", "remove", "reembed"))
    prepare(place, what, pick)
    child = start(place, what)
    time.sleep(pick.random() * {"remove": 0.1, "reembed": 1.0}.get(what, 0.4))
    child.kill()
    killed = child.wait() < 0
    return f"{'killed' if killed else 'done'}, whole" if again(place, what) == fresh(place) else f"{what}: lost"


def full(place: Path, pick: random.Random) -> str:
    what = pick.choice(("index", "reindex", "reembed"))
    prepare(place, what, pick)
    before = _hits(place)
    child = start(place, what, limit=pick.choice((1 << 12, 1 << 16, 1 << 18)))
    told = child.communicate()[1].strip().splitlines()[-1:]
    if child.returncode and not told[0].startswith("index.errors."):
        return f"{what}: {told[0][:80]}"
    kept = before if child.returncode else fresh(place)
    if _hits(place) != kept:
        return f"{what}: neither the former state nor the new one"
    return "full, whole" if again(place, what) == fresh(place) else f"{what}: lost"


def _hits(place: Path) -> Hits:
    with Library.open(place / "library") as library:
        return hits(library)


def damage(file: Path, pick: random.Random) -> str:
    content = bytearray(file.read_bytes())
    how = pick.choice(("missing", "short", "bits", "zeros"))
    at = pick.randrange(len(content))
    if how == "missing":
        file.unlink()
        return how
    if how == "short":
        del content[at:]
    elif how == "bits":
        content[at] ^= 1 << pick.randrange(8)
    else:
        content[at : at + 512] = bytes(len(content[at : at + 512]))
    file.write_bytes(content)
    return how


def damaged(place: Path, pick: random.Random) -> str:
    """Hits a file of a copy of a library that is there already."""
    copy = place / "library"
    shutil.copytree(place.parent / "whole" / "library", copy)
    shutil.copytree(place.parent / "whole" / "documents", place / "documents")
    expected = _hits(place)
    file = pick.choice([*(copy / "segments").iterdir(), copy / "library.sqlite"])
    before = file.read_bytes()
    how = damage(file, pick)
    derived = file.suffix == ".segment"
    if file.exists() and file.read_bytes() == before:
        return "no damage"
    try:
        if _hits(place) != expected:
            return f"another answer ({how} in {'a segment' if derived else 'SQLite'})"
        noticed = "unnoticed, harmless"
    except (FootnoteError, sqlite3.DatabaseError) as error:
        noticed = "told"
        if "\n" in str(error):
            return f"several lines: {error}"
    except Exception as error:
        return f"{type(error).__name__}, not a sentence ({how} in {'a segment' if derived else 'SQLite'})"
    if derived:
        with Library.open(copy) as library:
            library.add([place / "documents"])
        return f"a segment: {noticed}, mended" if _hits(place) == expected else "a segment: not mended"
    return f"SQLite: {noticed}"


def beside(place: Path, readers: int, seconds: float) -> str:
    """Readers of one library that a writer replaces all the time, and a second writer."""
    files = [place / f"{name}.txt" for name in "abc"]

    def edition(number: int) -> None:
        for file in files:
            file.write_text(f"第{number}版：{file.stem}区建成充电桩{number + 100}个。", encoding="utf-8")

    edition(0)
    with Library.open(place / "library", create=True) as library:
        library.add(files)
        command = [sys.executable, "-c", READER, str(place / "library"), str(seconds)]
        reading = [
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(readers)
        ]
        commits = refused = 0
        while any(child.poll() is None for child in reading):
            commits += 1
            edition(commits)
            library.add(files)
            with library.engine.writing(library.embedder), Library.open(place / "library") as other:
                try:
                    other.add(files)
                except LibraryLockedError:
                    refused += 1
    told = [child.communicate() for child in reading]
    failed = [error.strip().splitlines()[-1] for out, error in told if not out.strip()]
    searches = sum(int(out) for out, _ in told if out.strip())
    print(f"{readers} readers: {searches} searches beside {commits} commits; {refused} second writers refused")
    return failed[0] if failed else "one generation each" if refused == commits else "a second writer came in"


def repeat(name: str, times: int, one: Callable[[Path, random.Random], str], seed: int, root: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for i in range(times):
        place = root / f"{name}{i}"
        place.mkdir()
        found[one(place, random.Random(seed * 1_000_003 + i))] += 1
        shutil.rmtree(place)
    print(f"{name}: " + "; ".join(f"{count} {what}" for what, count in found.most_common()), flush=True)
    return found


GOOD = ("whole", "mended", "no damage", "told", "harmless", "one generation each")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--damages", type=int, default=200)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "whole").mkdir()
        prepare(root / "whole", "nothing", random.Random(0))
        found = repeat("kills", options.kills, kill, options.seed, root)
        found += repeat("a full disk", options.full, full, options.seed, root)
        found += repeat("damages", options.damages, damaged, options.seed, root)
        (root / "beside").mkdir()
        found[beside(root / "beside", options.readers, options.seconds)] += 1
    bad = [what for what in found if not what.endswith(GOOD)]
    print("Nothing was lost." if not bad else f"Lost or not said: {bad}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
