"""What was indexed, read from Milvus."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from index.milvus.tables import Row, Tables, unpack
from index.passages import key_of
from index.records import Location, Paragraph, Recognised

_PLACE = ["key", "id", "version", "passage", "position", "inside", "start", "end", "page"]
_ABOUT = ["source", "version", "passages", "about"]


def row_key(key: int, version: int) -> int:
    """Key of a passage's row, from the key of its content and its document's version; and the other way round.

    Ties between passages are broken by their content, as on one machine.
    """
    return key ^ key_of(version)


class MilvusRecords:
    """Documents and paragraphs of one library; see `index.engine.Records`. Keys are those of places of paragraphs."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def meta(self) -> dict[str, str]:
        """See `Records.meta`."""
        return self._tables.meta()

    def generation(self) -> int:
        """See `Records.generation`."""
        row = self._tables.rows("meta", ["generation"], ["value"]).get("generation")
        return int(unpack(row["value"])) if row else 0

    def documents(self) -> list[dict[str, object]]:
        """See `Records.documents`."""
        if not self.generation():  # before the first write `meta` is the only collection
            return []
        names = ("source", "path", "sha256", "encoding", "characters", "paragraphs")
        rows = sorted(self._tables.every("documents", (*names, "about")), key=lambda row: str(row["source"]))
        return [{name: row[name] for name in names} | json.loads(unpack(row["about"]))["metadata"] for row in rows]

    def count(self, table: str) -> int:
        """See `Records.count`. A paragraph that stands in several places counts as often."""
        return int(json.loads(self.meta().get("totals", "{}")).get(table, 0))

    def document_file(self, source: str) -> tuple[str, str] | None:
        """See `Records.document_file`."""
        row = self._tables.rows("documents", [source], ["path", "sha256"]).get(source)
        return (row["path"], row["sha256"]) if row else None

    def document_text(self, source: str) -> str | None:
        """See `Records.document_text`."""
        row = self._tables.rows("documents", [source], ["text"]).get(source)
        return unpack(row["text"]).decode("utf-8", errors="surrogatepass") if row else None

    def recognised(self, source: str) -> tuple[Recognised, ...]:
        """See `Records.recognised`."""
        row = self._tables.rows("documents", [source], ["about"]).get(source)
        lines = json.loads(unpack(row["about"])).get("recognised", ()) if row else ()
        return tuple(Recognised(*line) for line in lines)

    def document_paragraphs(self, source: str) -> list[int]:
        """See `Records.document_paragraphs`."""
        row = self._tables.rows("documents", [source], ["version"]).get(source)
        if row is None:
            return []
        places = self._tables.where("paragraphs", "version", [row["version"]], ["key", "position"])
        return [int(place["key"]) for place in sorted(places, key=lambda place: place["position"])]

    def key_of(self, paragraph_id: str) -> int | None:
        """See `Records.key_of`."""
        places = self._placed(self._tables.where("paragraphs", "id", [paragraph_id], _PLACE))
        return int(places[0]["key"]) if places else None

    def neighbours(self, key: int) -> tuple[int | None, int | None]:
        """See `Records.neighbours`."""
        place = self._tables.rows("paragraphs", [key], ["version", "position"]).get(key)
        if place is None:
            return None, None
        rows = self._tables.where("paragraphs", "version", [place["version"]], ["key", "position"])
        at = {row["position"]: int(row["key"]) for row in rows}
        return at.get(place["position"] - 1), at.get(place["position"] + 1)

    def paragraphs(self, keys: Sequence[int], source: str | Sequence[str] = "*") -> dict[int, Paragraph]:
        """See `Records.paragraphs`."""
        asked = self._tables.rows("paragraphs", keys, _PLACE)
        made = self._made(asked.values(), source)
        return {key: made[row["id"]] for key in keys if (row := asked.get(key)) and row["id"] in made}

    def passage_paragraphs(self, keys: Sequence[int], source: str | Sequence[str]) -> dict[int, tuple[Paragraph, ...]]:
        """See `Structures.passage_paragraphs`."""
        places = self._tables.where("paragraphs", "passage", keys, _PLACE)
        made, found = self._made(places, source), dict[int, tuple[Paragraph, ...]]()
        for place in sorted(places, key=lambda place: place["position"]):
            if place["id"] in made:
                found[place["passage"]] = (*found.get(place["passage"], ()), made[place["id"]])
        return found

    def _made(self, places: Iterable[Row], source: str | Sequence[str] = "*") -> dict[str, Paragraph]:
        """Paragraphs by id, each placed where it stands first, in a source that matches a pattern if one does."""
        ids = {place["id"] for place in places}
        every: dict[str, list[Row]] = {}
        placed = self._placed(self._tables.where("paragraphs", "id", ids, _PLACE))
        for place in sorted(placed, key=lambda place: not matches(place["of"]["source"], source)):
            every.setdefault(place["id"], []).append(place)
        texts = self._tables.rows("passages", {own[0]["passage"] for own in every.values()}, ["text"])
        inside = {key: json.loads(unpack(row["text"])) for key, row in texts.items()}
        return {
            name: _paragraph(own, inside[own[0]["passage"]][own[0]["inside"]])
            for name, own in every.items()
            if own[0]["passage"] in inside
        }

    def _placed(self, places: Collection[Row]) -> list[Row]:
        """Those of documents that are there now, each with its document, in order of source and position."""
        rows = self._tables.where("documents", "version", {place["version"] for place in places}, _ABOUT)
        documents = {row["version"]: row for row in rows}
        here = [{**place, "of": documents[place["version"]]} for place in places if place["version"] in documents]
        return sorted(here, key=lambda place: (place["of"]["source"], place["position"]))


def matches(name: str, source: str | Sequence[str]) -> bool:
    """Whether a source's name matches a pattern, or one of several."""
    return any(fnmatchcase(name, pattern) for pattern in ([source] if isinstance(source, str) else source))


def _paragraph(places: Sequence[Row], said: dict[str, Any]) -> Paragraph:
    first, *others = ((p["of"]["source"], p["start"], p["end"], p["page"] if p["page"] >= 0 else None) for p in places)
    document = places[0]["of"]
    about = json.loads(unpack(document["about"]))
    return Paragraph(
        places[0]["id"],
        said["text"],
        tuple(said["heading"]),
        *first,
        tuple(Location(*other) for other in others),
        kind=said["kind"],
        context=said["context"],
        title=about["metadata"]["title"],
        superseded=about["metadata"]["superseded"],
        head=about["head"] if document["passages"] > 1 else "",
    )
