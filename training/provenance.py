"""Writes PROVENANCE.md beside the packaged table: what it was trained on, under which licences, which files exactly.

python training/provenance.py --data DIR [--model FOLDER]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from sources import Source, sources

from index.static_model import PACKAGED

LICENCES = {
    "tatoeba-anki": ("Tatoeba sentence pairs, by way of manythings.org", "CC BY 2.0 FR"),
    "twlaw": ("Statutes of Taiwan with their English translations (mojLawSplitJSON)", "none stated; statutes"),
    "msdocs": ("Microsoft documentation and its translations", "CC BY 4.0"),
    "pydocs": ("Python documentation and its translations", "PSF; CC0 for the translations"),
    "iot-beginners": ("IoT for Beginners, Microsoft", "MIT"),
    "tldr": ("tldr-pages", "CC BY 4.0"),
    "tico19": ("TICO-19", "CC0"),
    "ntrex": ("NTREX-128, sentences 1006-1997, Microsoft", "CC BY-SA 4.0"),
    "cedict": ("CC-CEDICT", "CC BY-SA 4.0"),
    "omw": ("Open Multilingual Wordnet", "per wordnet: CC BY, CC BY-SA, WordNet, MIT, CeCILL-C; English CC BY 4.0"),
    "oewn-gloss": ("Open English WordNet", "CC BY 4.0"),
    "cldr": ("Unicode CLDR", "Unicode-3.0"),
    "osm-presets": ("OpenStreetMap iD tagging presets", "ISC"),
    "jaquad": ("JaQuAD, training part, SkelterLabs", "CC BY-SA 3.0"),
    "songys-chatbot": ("Songys chatbot data", "MIT"),
}
"""Name of a source, or its beginning, to its title and the licence that it states."""

_TEXT = """# The packaged embedding table: where it comes from

`model.int8.safetensors` (rows of 256 int8 values and a float32 scale each) and `tokenizer.json` (Unigram over our own
piece list) were made by the authors of Footnote with `training/train.py` and `training/finish.py`; `training/LOG.md`
says how and what was measured. No weights of another model went into them, save an older table of our own, made from
the same data, from which its rows start.

`matching.npz` (`index/matching.py`) was trained over this table by `training/matching.py`, on part of the same data:
JaQuAD, the headings of Microsoft documentation, and the parallel text that stands in the order of its documents.

`translations.npz` (`index/translation.py`) holds the nearest rows of the other script of each row of this table;
`training/translations.py` makes it.

Which words have a piece was decided by the frequencies of the package wordfreq (Robyn Speer, code Apache-2.0, data
CC BY-SA 4.0). Traditional and Japanese characters are folded by the tables of OpenCC (Apache-2.0). None of the
paragraphs or questions that the figures are measured on is in the training data (`training/overlap.py`).

"""


def licence(source: Source) -> tuple[str, str]:
    """Title and licence of a source. An unknown name is an error: nothing is used whose licence is not written down."""
    for name, known in LICENCES.items():
        if source.name.startswith(name):
            return known
    raise SystemExit(f"{source.file.name}: no licence is known for {source.name}; add it to LICENCES.")


def document(found: list[Source]) -> str:
    """The whole file: a table by source, then every file with its pairs and sha256."""
    counts = {source.file.name: sum(1 for _ in source.pairs()) for source in found}
    by_title: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for source in found:
        by_title[licence(source)].append(source)
    lines = ["| source | licence as stated there | languages | pairs |", "|---|---|---|---|"]
    for (title, stated), every in by_title.items():
        languages = " ".join(sorted({language for source in every for language in source.languages}))
        lines.append(f"| {title} | {stated} | {languages} | {sum(counts[s.file.name] for s in every):,} |")
    lines += ["", "| file | pairs | sha256 |", "|---|---|---|"]
    lines += [f"| {s.file.name} | {counts[s.file.name]:,} | {s.sha256()[:32]} |" for s in found]
    return _TEXT + "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=PACKAGED)
    arguments = parser.parse_args()
    (arguments.model / "PROVENANCE.md").write_text(document(sources(arguments.data)), encoding="utf-8")


if __name__ == "__main__":
    main()
