"""A thumb on an answer becomes a draft of an eval set: from use to the regression gate.

footnote eval review .footnote/feedback.jsonl      # drafts become cases
footnote eval run .footnote/feedback.jsonl
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from filelock import FileLock

from eval.authoring.drafting import Kind, stated
from eval.cases import Case, Evidence, Fact, FactKind, Quote, dump_case, load_set
from eval.record import write_text

_KINDS: Mapping[Kind, FactKind] = {"figure": "number", "share": "number", "date": "date", "title": "entity"}
_FACTS = 3
"""Facts that are drafted for one answer."""


def rated(question: str, answer: str, quotes: Sequence[Quote], *, good: bool, refused: bool) -> Case:
    """The draft that an answer and its thumb give; `answer` is without its marks.

    A good answer's figures, dates and titles are its facts, else the words it quotes; a good refusal asks for one
    again. What is wrong with a bad answer, only its reader knows: it is kept in the note.
    """
    content: dict[str, object] = {"id": rated_id(question), "question": question, "status": "draft", "origin": "human"}
    if good and refused:
        return Case.model_validate(content | {"type": "unanswerable", "note": "Rated: rightly refused."})
    if good:
        facts = _facts(question, answer, quotes)
        evidence = [Evidence(any_of=(quote,)) for quote in quotes]
        return Case.model_validate(content | {"facts": facts, "evidence": evidence, "reference": answer})
    said = "refused, though the documents answer" if refused else "wrong or of no help"
    return Case.model_validate(content | {"note": f"Rated: {said}. The answer was: {answer}"})


def rated_id(question: str) -> str:
    """A question has one draft, whatever its last thumb was."""
    return "rated-" + hashlib.sha256(question.strip().encode("utf-8", "surrogatepass")).hexdigest()[:10]


def keep_rating(path: Path, identity: str, case: Case | None) -> None:
    """Put the draft in the place of an earlier one of this id, or with None take that away; a case that was accepted
    stays as it is. Raises InputError for a set that cannot be read, OSError for one that cannot be written.
    """
    with FileLock(path.with_suffix(".lock"), mode=0o600, timeout=10):
        cases = list(load_set(path).cases) if path.exists() and path.stat().st_size else []
        if any(other.id == identity and other.status == "accepted" for other in cases):
            return
        kept = [other for other in cases if other.id != identity] + ([case] if case else [])
        write_text(path, "".join(f"{dump_case(each)}\n" for each in kept))
        path.chmod(0o600)


def _facts(question: str, answer: str, quotes: Sequence[Quote]) -> list[Fact]:
    """What the answer says that its sources say too and the question does not."""
    sources = "\n".join(quote.quote for quote in quotes)
    found = [
        Fact(any_of=(said,), kind=_KINDS[kind])
        for kind, said in stated(answer)
        if said in sources and said not in question
    ]
    return list(dict.fromkeys(found))[:_FACTS] or [Fact(any_of=(quote.quote,)) for quote in quotes[:1]]
