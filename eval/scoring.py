"""Every measure of one case, and the headline `trusted`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.anchors import Gold
from eval.cases import Case
from eval.metrics import answers, citations, conventions, refusal, retrieval
from eval.metrics.chrf import chrf
from eval.metrics.verifier import Supports, lex_1
from index.records import Paragraph
from index.text import aligned
from prompts.citations import strip_marks
from rag.types import Answer

KS = (1, 3, 5, 10)
"""The depths at which the ranked list is looked at."""
HALF = 0.5
"""In a trusted answer this share of the citations must be needed, and more than it of the statements to the point."""

Scores = dict[str, float | None]
"""Measure to value in [0, 1]; None where it is not defined for the case."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What reports and the gate know of a measure."""

    name: str
    """Its key in a case's scores."""
    direction: Literal["higher", "lower"]
    """Which way is better."""
    gated: bool
    """Whether the gate looks at it."""
    about: str
    """One line for readers."""


def score(case: Case, gold: Gold, answer: Answer, supports: Supports = lex_1) -> Scores:
    """Every measure of one case by name; the names are those of METRICS, always all of them."""
    refused = answer.refused is not None
    kind = {"refused": refused, "answerable": case.answerable}
    scores: Scores = dict.fromkeys(METRICS)
    scores["confidence"] = answer.confidence
    scores["refusal_recall"] = refusal.refusal_recall(**kind)
    scores["refusal_precision"] = refusal.refusal_precision(**kind)
    scores["over_refusal"] = refusal.over_refusal(**kind)
    if case.answerable:
        scores |= _ranked(gold, answer) | _said(case, answer) | _wordings(case, answer)
    if not refused:
        scores |= _cited(case, gold, answer, supports)
    scores["correct"] = _correct(case, scores, refused=refused)
    scores["trusted"] = _trusted(case, gold, scores, refused=refused)
    return scores


def _ranked(gold: Gold, answer: Answer) -> Scores:
    ranked = list(dict.fromkeys(hit.paragraph.id for hit in answer.hits))
    groups = gold.group_ids
    scores: Scores = {}
    for k in KS:
        scores[f"hit@{k}"] = retrieval.hit(ranked, groups, k)
        scores[f"all_hit@{k}"] = retrieval.all_hit(ranked, groups, k)
        scores[f"recall@{k}"] = retrieval.recall(ranked, groups, k)
    deepest = KS[-1]
    scores[f"mrr@{deepest}"] = retrieval.reciprocal_rank(ranked, groups, deepest)
    scores[f"ndcg@{deepest}"] = retrieval.ndcg(ranked, groups, deepest)
    scores[f"ap@{deepest}"] = retrieval.average_precision(ranked, groups, deepest)
    return scores


def _said(case: Case, answer: Answer) -> Scores:
    text = "" if answer.refused else strip_marks(answer.text)
    return {
        "fact_recall": answers.fact_recall(text, case.facts),
        "contradiction": answers.says_forbidden(text, case.forbidden),
    }


def _wordings(case: Case, answer: Answer) -> Scores:
    text = "" if answer.refused else strip_marks(answer.text)
    golds, language = answers.gold_answers(case), case.language
    return {
        "em": conventions.our_em(text, golds),
        "f1": conventions.our_f1(text, golds),
        "squad_em": conventions.squad_em(text, golds),
        "squad_f1": conventions.squad_f1(text, golds),
        "mlqa_em": conventions.mlqa_em(text, golds, language),
        "mlqa_f1": conventions.mlqa_f1(text, golds, language),
        "cmrc_em": conventions.cmrc_em(text, golds),
        "cmrc_f1": conventions.cmrc_f1(text, golds),
        "chrf": chrf(text, (case.reference,)) if case.reference else None,
    }


def _cited(case: Case, gold: Gold, answer: Answer, supports: Supports) -> Scores:
    claims, supports = citations.statements(answer), _remembered(supports)
    scores: Scores = {
        "citation_valid": citations.valid(answer),
        "citation_coverage": citations.coverage(claims),
        "citation_recall": citations.recall(claims, supports),
        "citation_precision": citations.precision(claims, supports),
        "quote_fidelity": citations.quote_fidelity(answer),
    }
    if case.answerable:
        cited = {citation.paragraph.id for citation in answer.citations}
        precision, recall = citations.gold_cite(cited, gold.group_ids)
        scores["gold_cite_precision"], scores["gold_cite_recall"] = precision, recall
        scores["gold_cite_f1"] = citations.f1(precision, recall)
        scores["focus"] = _focus(case, claims)
    return scores


def _remembered(supports: Supports) -> Supports:
    """The verifier, asked once about each statement and what it cites: recall and precision ask the same again."""
    known: dict[tuple[str, tuple[str, ...]], bool] = {}

    def ask(statement: str, cited: Sequence[Paragraph]) -> bool:
        key = (statement, tuple(paragraph.id for paragraph in cited))
        if key not in known:
            known[key] = supports(statement, cited)
        return known[key]

    return ask


def _focus(case: Case, claims: Sequence[citations.Statement]) -> float | None:
    """Share of the statements that say a fact, or words of the evidence or the reference; None without statements."""
    wanted = [quote.quote for evidence in case.evidence for quote in evidence.any_of]
    wanted += [case.reference] if case.reference else []

    def to_the_point(text: str) -> bool:
        plain = aligned(text)[0]
        if any(answers.states(text, fact) for fact in case.facts):
            return True
        return bool(plain) and any(plain in (g := aligned(gold)[0]) or g in plain for gold in wanted)

    return sum(to_the_point(claim.text) for claim in claims) / len(claims) if claims else None


def _correct(case: Case, scores: Scores, *, refused: bool) -> float | None:
    """Whether the answer says all required facts and nothing forbidden; for unanswerable questions, whether it refuses.

    None when the case names neither facts nor anything forbidden.
    """
    if not case.answerable or refused:
        return float(refused != case.answerable)
    facts, contradiction = scores["fact_recall"], scores["contradiction"]
    if facts is None and contradiction is None:
        return None
    return float(facts in (None, 1.0) and not contradiction)


def _trusted(case: Case, gold: Gold, scores: Scores, *, refused: bool) -> float | None:
    """Correct AND cited AND supported, without padding in text or footnotes.

    Every mark resolves, some gold evidence is cited, every statement is supported by what it cites, at least half of
    the citations are needed and more than half of the statements to the point. None where `correct` is.
    """
    if not case.answerable or refused or not scores["correct"]:
        return scores["correct"]
    cited = scores["gold_cite_recall"] if gold.groups else scores["citation_coverage"]
    holds = scores["citation_valid"] == 1 and bool(cited) and scores["citation_recall"] == 1
    return float(holds and (scores["citation_precision"] or 0) >= HALF and (scores["focus"] or 0) > HALF)


def _registry() -> dict[str, Metric]:
    return {metric.name: metric for metric in (*_headline(), *_by_depth(), *_details())}


def _headline() -> list[Metric]:
    return [
        Metric("trusted", "higher", True, "Correct, cited and supported; for unanswerable questions: refused"),
        Metric("correct", "higher", True, "All required facts and nothing forbidden; or refused where it should be"),
        Metric("fact_recall", "higher", False, "Share of the required facts that the answer says"),
        Metric("contradiction", "lower", False, "The answer says something that only a wrong one says"),
    ]


def _by_depth() -> list[Metric]:
    at = {
        "hit": "Some of the evidence is among the first {k} paragraphs",
        "all_hit": "All of the evidence is among the first {k} paragraphs",
        "recall": "Share of the evidence among the first {k} paragraphs",
    }
    found = [
        Metric(f"{name}@{k}", "higher", (name, k) == ("all_hit", 5), about.format(k=k))
        for name, about in at.items()
        for k in KS
    ]
    k = KS[-1]
    return [
        *found,
        Metric(f"mrr@{k}", "higher", True, f"1 / rank of the first gold paragraph among the first {k}"),
        Metric(f"ndcg@{k}", "higher", True, f"Discounted gain of the evidence among the first {k}, normalised"),
        Metric(f"ap@{k}", "higher", False, f"Average precision of the evidence among the first {k}"),
    ]


def _details() -> list[Metric]:
    rows: list[tuple[str, Literal["higher", "lower"], bool, str]] = [
        ("gold_cite_precision", "higher", False, "Share of the cited paragraphs that hold gold evidence"),
        ("gold_cite_recall", "higher", False, "Share of the gold evidence that is cited"),
        ("gold_cite_f1", "higher", True, "Cited paragraphs against gold evidence"),
        ("citation_valid", "higher", True, "Share of the marks that name a paragraph which was found"),
        ("citation_coverage", "higher", False, "Share of the statements that cite anything"),
        ("citation_recall", "higher", False, "Share of the statements that their citations support (ALCE, lex-1)"),
        ("citation_precision", "higher", False, "Share of the citations that their statement needs (ALCE, lex-1)"),
        ("quote_fidelity", "higher", True, "Share of the quotations that are verbatim"),
        ("focus", "higher", False, "Share of the statements that are to the point"),
        ("refusal_recall", "higher", False, "Share of the unanswerable questions that are refused"),
        ("refusal_precision", "higher", False, "Share of the refused questions that are unanswerable"),
        ("over_refusal", "lower", False, "Share of the answerable questions that are refused"),
        ("confidence", "higher", False, "How likely the paragraphs found hold an answer, before one is written"),
        ("em", "higher", False, "Exact match, figures by value"),
        ("f1", "higher", False, "Token F1, figures by value"),
        ("squad_em", "higher", False, "Exact match as SQuAD counts"),
        ("squad_f1", "higher", False, "Token F1 as SQuAD counts"),
        ("mlqa_em", "higher", False, "Exact match as MLQA counts"),
        ("mlqa_f1", "higher", False, "Token F1 as MLQA counts"),
        ("cmrc_em", "higher", False, "Exact match as CMRC 2018 counts"),
        ("cmrc_f1", "higher", False, "F1 over the longest common run, as CMRC 2018 counts"),
        ("chrf", "higher", False, "Character n-gram F-score against the reference"),
    ]
    return [Metric(*row) for row in rows]


METRICS: dict[str, Metric] = _registry()
"""Every measure by name, the headline first."""
