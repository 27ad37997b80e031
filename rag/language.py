"""The refusal sentence in the language of the question."""

from __future__ import annotations

from prompts.language import language

_REFUSALS = {
    "zh": "文档中没有说明。",
    "zh-Hant": "文件中沒有說明。",
    "ja": "文書には書かれていません。",
    "ko": "문서에 나와 있지 않습니다.",
}


def refusal_sentence(question: str) -> str:
    """What is said when the documents do not say; in English where we have no other words."""
    return _REFUSALS.get(language(question), "The documents do not say.")
