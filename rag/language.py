"""The refusal sentence in the language of the question."""

from __future__ import annotations

import re

from index.text import simplify

_REFUSALS = {
    "zh": "文档中没有说明。",
    "zh-Hant": "文件中沒有說明。",
    "ja": "文書には書かれていません。",
    "ko": "문서에 나와 있지 않습니다.",
    "en": "The documents do not say.",
}
_HAN = re.compile(r"[\u3400-\u9fff]")


def language(question: str) -> str:
    """zh, zh-Hant, ja, ko, or en for everything else: by script, which is all that the refusal needs."""
    if re.search(r"[\u3041-\u30fa]", question):
        return "ja"
    if re.search(r"[\uac00-\ud7a3]", question):
        return "ko"
    if _HAN.search(question):
        return "zh-Hant" if simplify(question) != question else "zh"
    return "en"


def refusal_sentence(question: str) -> str:
    """What is said when the documents do not say."""
    return _REFUSALS[language(question)]
