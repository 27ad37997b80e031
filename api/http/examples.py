"""What the OpenAPI document shows: one question about an invented report."""

from __future__ import annotations

from pydantic import JsonValue

QUESTION = "望江区建成了多少间中试车间？"
TEXT = "望江区建成中试车间23间，为61家企业完成验证147项。"
WRONG = "望江区建成中试车间32间。[1]"
PLACE: dict[str, JsonValue] = {"source": "report.txt", "heading": ["望江区"], "page": None, "start": 20, "end": 48}
PARAGRAPH: dict[str, JsonValue] = {"paragraph_id": "5b0c3e1f9a7d2468", **PLACE, "text": TEXT}
PARAGRAPH |= {"kind": "paragraph", "context": "", "superseded": False, "newer_version": None}
QUOTE: dict[str, JsonValue] = {"start": 20, "end": 48, "text": TEXT}
HIT: dict[str, JsonValue] = {
    **{name: PARAGRAPH[name] for name in ("paragraph_id", "source", "heading", "page", "text")},
    **{"paragraph_ids": ["5b0c3e1f9a7d2468"], "context": "", "superseded": False, "newer_version": None},
    **{"score": 23.89, "rank": 1, "lexical_rank": 1, "dense_rank": 1},
}
ANSWER: dict[str, JsonValue] = {
    "question": QUESTION,
    "answer": f"{TEXT}[1]",
    "refused": None,
    "citations": [{"mark": 1, **PARAGRAPH, "quote": QUOTE, "verdict": "quoted"}],
    "sentences": [{"text": TEXT, "marks": [1], "verdict": "quoted", "problems": [], "quote": QUOTE}],
    "hits": [HIT],
    "model": {"name": "extractive", "kind": "extractive"},
    "timings_ms": {"search": 3.1, "answer": 2.2},
    "confidence": 0.57,
}
