"""Runs made by hand, so that the gate and the reports are tested without asking anything."""

from eval.cases import Case
from eval.record import CaseRun, Run

GOOD = {"trusted": 1.0, "correct": 1.0, "all_hit@5": 1.0, "mrr@10": 1.0, "ndcg@10": 1.0, "gold_cite_f1": 1.0}
BAD = {"trusted": 0.0, "correct": 0.0, "all_hit@5": 1.0, "mrr@10": 1.0, "ndcg@10": 1.0, "gold_cite_f1": 0.0}
CITED = {"citation_valid": 1.0, "quote_fidelity": 1.0}
PRINTS = {"corpus": "c1", "set": "s1", "prompt": "p1", "model": "m1", "config": "k1", "embedder": "e1"}


def case(name="q", **fields):
    content = {
        "question": f"{name}建成多少间？",
        "facts": [{"any_of": ["23间"], "kind": "number"}],
        "evidence": [{"any_of": [{"source": "a.txt", "quote": "建成23间"}]}],
    }
    if fields.get("answerable", True) is False or fields.get("type") in ("unanswerable", "false_premise"):
        del content["facts"], content["evidence"]
    return Case.model_validate({"id": name, **content, **fields})


def asked(name="q", passed=True, *, scores=None, case_fields=None, **fields):
    """A case that was run: right, or wrong with a wrong figure."""
    made = case(name, **(case_fields or {}))
    right = {"answer": "望江区建成23间。[1]", "cited": ("p1",), "quotes": ("建成23间",)}
    wrong = {"answer": "望江区建成32间。[1]", "cited": ("p2",), "attribution": "wrong figure"}
    wrong["particulars"] = {"wanted": "23间"}
    found = {
        "case": made,
        "line": 2,
        "scores": (GOOD if passed else BAD) | CITED | (scores or {}),
        "retrieved": ("p1", "p2", "p3"),
        "gold": (("p1",),) if made.answerable else (),
        "confidence": 0.8,
        **(right if passed else wrong),
    }
    return CaseRun(**(found | fields))


def run(*cases, **fields):
    return Run(**({"set_name": "set", "set_path": "set.jsonl", "fingerprints": PRINTS, "cases": cases} | fields))


def many(passed, failed, **fields):
    """So many cases that pass, and after them so many that fail."""
    names = [f"q{i}" for i in range(passed + failed)]
    return run(*(asked(name, i < passed) for i, name in enumerate(names)), **fields)
