"""The language of a question, which is the language of its answer."""

from __future__ import annotations

import re

from index.text import simplify

_NAMES = {
    "zh": "Simplified Chinese (简体中文)",
    "zh-Hant": "Traditional Chinese (繁體中文)",
    "ja": "Japanese (日本語)",
    "ko": "Korean (한국어)",
    "ru": "Russian (русский)",
    "ar": "Arabic (العربية)",
    "th": "Thai (ไทย)",
    "hi": "Hindi (हिन्दी)",
    "el": "Greek (ελληνικά)",
    "en": "English",
}
_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30fa]")),  # before Chinese: Japanese has Han characters too, and Korean may
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
)
_ENGLISH = re.compile(
    r"\b(?:the|of|is|are|was|were|what|which|who|whose|how|why|when|where|did|does|do|many|much|and|in|has|have|about)\b",
    re.IGNORECASE,
)


def language(question: str) -> str:
    """zh, zh-Hant, ja, ko, ru, ar, th, hi or el by script; en for English; "" for another one in Latin letters.

    One traditional character makes a question traditional. "Qui a construit 中心?" -> "zh": the script decides.
    """
    for name, script in _SCRIPTS:
        if script.search(question):
            return "zh-Hant" if name == "zh" and simplify(question) != question else name
    return "en" if _ENGLISH.search(question) else ""


def language_name(question: str) -> str:
    """How a prompt names the language to answer in."""
    return _NAMES.get(language(question), "the language of the question")
