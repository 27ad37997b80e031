"""A model's reply becomes checked sentences and numbered footnotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.records import Paragraph
from index.sentences import sentences
from prompts.citations import Mark, find_marks, render
from prompts.compose import Prompt
from rag.answer import Citation, Quote, Sentence
from rag.checking import Verdict, check

Spans = dict[int, tuple[int, int] | None]
"""Source number to the supporting span in its paragraph's text."""

_WEAKNESS = ("supported", "nothing_to_check", "partly", "wrong_paragraph", "unsupported")


@dataclass(frozen=True, slots=True)
class Checked:
    """A reply after its citations were resolved and its sentences checked."""

    text: str
    """The reply with marks numbered by first use; marks that name no source are gone."""
    sentences: tuple[Sentence, ...]
    """Its sentences in order."""
    citations: tuple[Citation, ...]
    """Its footnotes by mark."""
    stretches: tuple[str, ...]
    """The text cut before each sentence but the first; joined they are the text."""
    unknown_marks: int
    """How many named sources did not exist."""


def check_reply(text: str, prompt: Prompt) -> Checked:
    """Resolve the marks of `text` strictly against the prompt's sources, and check every sentence against its own."""
    marks = find_marks(text)
    plain, places = _without(text, marks)
    spans = sentences(plain)
    owner = [_owner(spans, place) for place in places]
    unknown = sum(prompt.source(n) is None for mark in marks for n in mark.numbers)
    numbers: dict[int, int] = {}
    checked: list[Sentence] = []
    footnotes: dict[int, list[tuple[str, tuple[int, int] | None]]] = {}
    shown: dict[int, tuple[int, ...]] = {}
    for i, (start, end) in enumerate(spans):
        own = [j for j, sentence in enumerate(owner) if sentence == i]
        named = list(dict.fromkeys(n for j in own for n in marks[j].numbers if prompt.source(n)))
        verdict, cited = _check(plain[start:end], named, prompt)
        for n, span in cited.items():
            numbers.setdefault(n, len(numbers) + 1)
            footnotes.setdefault(n, []).append((verdict.verdict, span))
        checked.append(Sentence(plain[start:end], tuple(numbers[n] for n in cited), verdict.verdict, verdict.problems))
        kept = _kept(marks, own, cited, wrong=verdict.verdict == "wrong_paragraph")
        shown.update({j: tuple(numbers[n] for n in ns) for j, ns in kept.items()})
    citations = tuple(_citation(number, prompt, n, footnotes[n]) for n, number in numbers.items())
    stretches = _stretches(text, marks, shown, [start for start, _ in spans])
    return Checked("".join(stretches), tuple(checked), citations, stretches, unknown)


def without_unsupported(checked: Checked, prompt: Prompt) -> tuple[Checked, int]:
    """The reply without the sentences that their sources do not support, checked again; and how many those were."""
    kept = [sentence for sentence in checked.sentences if sentence.verdict != "unsupported"]
    dropped = len(checked.sentences) - len(kept)
    if not dropped:
        return checked, 0
    number = {source.paragraph.id: source.number for source in prompt.sources}
    named = {citation.mark: render(number[citation.paragraph.id]) for citation in checked.citations}
    text = " ".join(sentence.text + "".join(named[mark] for mark in sentence.marks) for sentence in kept)
    return check_reply(text, prompt), dropped


def _check(sentence: str, cited: list[int], prompt: Prompt) -> tuple[Verdict, Spans]:
    """The verdict, and the sources the sentence is to cite, each with the supporting span in its paragraph.

    A sentence that cites the wrong source is given the right one, and the verdict says so.
    """
    own = [prompt.sources[n - 1].paragraph for n in cited]
    others = [source for source in prompt.sources if source.number not in cited]
    verdict = check(sentence, own, [source.paragraph for source in others])
    spans: Spans = dict.fromkeys(cited)
    if verdict.supported_by is not None:
        at = verdict.supported_by
        if at < len(own):
            spans[cited[at]] = verdict.quote
        elif verdict.verdict == "wrong_paragraph" and cited:
            spans = {others[at - len(own)].number: verdict.quote}
    return verdict, spans


def _kept(marks: Sequence[Mark], own: Sequence[int], cited: Spans, *, wrong: bool) -> dict[int, list[int]]:
    """Which sources each mark of a sentence shows: its own, or the right ones in the place of the last."""
    if wrong:
        return {j: list(cited) if j == own[-1] else [] for j in own}
    return {j: [n for n in marks[j].numbers if n in cited] for j in own}


def _without(text: str, marks: Sequence[Mark]) -> tuple[str, list[int]]:
    """The text without its marks, and where in it each of them stood."""
    plain, places, at = "", [], 0
    for mark in marks:
        plain += text[at : mark.start].rstrip(" \u3000")
        places.append(len(plain))
        at = mark.end
    return plain + text[at:], places


def _owner(spans: Sequence[tuple[int, int]], place: int) -> int:
    """The sentence that a mark belongs to: the last one that begins before it. -1 before any sentence."""
    return max((i for i, (start, _) in enumerate(spans) if start < place), default=-1)


def _stretches(
    text: str, marks: Sequence[Mark], shown: dict[int, tuple[int, ...]], starts: Sequence[int]
) -> tuple[str, ...]:
    """The text with each mark in our own form, renumbered, cut before each sentence but the first.

    A mark that shows nothing takes its space with it. `starts` are the sentences' offsets in the text without marks.
    """
    written, at, plain = "", 0, 0
    cuts: list[int] = []
    for j, mark in enumerate([*marks, None]):
        before = text[at : mark.start if mark else len(text)]
        kept = before.rstrip(" \u3000") if mark else before
        cuts += [len(written) + start - plain for start in starts if plain <= start < plain + len(kept)]
        plain += len(kept)
        numbers = shown.get(j, ())
        written += (before if numbers or not mark else kept) + "".join(render(n) for n in numbers)
        at = mark.end if mark else len(text)
    cuts = [0, *cuts[1:], len(written)] if cuts else [0, len(written)]
    pieces = [written[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]
    pieces[0] = pieces[0].lstrip()
    pieces[-1] = pieces[-1].rstrip()
    return tuple(pieces)


def _citation(number: int, prompt: Prompt, source: int, uses: Sequence[tuple[str, tuple[int, int] | None]]) -> Citation:
    paragraph: Paragraph = prompt.sources[source - 1].paragraph
    spans = [span for _, span in uses if span is not None]
    quote = None
    if spans:
        start, end = min(start for start, _ in spans), max(end for _, end in spans)
        quote = Quote(paragraph.start + start, paragraph.start + end, paragraph.text[start:end])
    return Citation(number, paragraph, quote, max((verdict for verdict, _ in uses), key=_WEAKNESS.index))
