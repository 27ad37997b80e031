"""Refusing: the sentence that we use, and whether a model's reply, in its own words, is one."""

from __future__ import annotations

from collections.abc import Sequence

from index.sentences import sentences
from index.static_model import StaticEmbedder
from prompts.citations import find_marks, strip_marks
from prompts.language import language
from rag.checking.quantities import quantities

_REFUSALS = {
    "zh": "文档中没有说明。",
    "zh-Hant": "文件中沒有說明。",
    "ja": "文書には書かれていません。",
    "ko": "문서에 나와 있지 않습니다.",
}
_ENGLISH = "The documents do not say."

_INVITATIONS = {
    "zh": ("请就这些文档的内容提问", "，例如：", "。"),
    "zh-Hant": ("請就這些文件的內容提問", "，例如：", "。"),
    "ja": ("文書の内容について質問してください", "。例：", "。"),
    "ko": ("문서의 내용에 대해 질문해 주세요", ". 예: ", "."),
}
_ENGLISH_INVITATION = ("Ask about what these documents say", ", for example: ", ".")
"""What can be asked, before an example, at the end without one."""

_EXAMPLES = (
    "文档中没有说明。",
    "资料中没有相关信息。",
    "资料未提及，文中没有给出。",
    "我不知道。",
    "抱歉，无法根据资料回答这个问题。",
    "没有找到相关内容。",
    "The documents do not say.",
    "The sources do not contain this information.",
    "It is not mentioned, stated or specified in the text.",
    "Sorry, I don't know.",
    "I cannot answer this question from the given sources.",
    "I could not find an answer.",
)
"""What refusals mean, not how they must be worded: the multilingual table finds others near them."""

_NEAR = 0.43
"""Least cosine with an example. Of 3 685 sentences of CMRC, DRCD and SQuAD paragraphs, 2 are that near to one."""

_OPENING = "“\"'「『* \n"


def refusal_sentence(question: str) -> str:
    """What is answered when the documents do not say, in the question's language; in English where we have no other."""
    return _REFUSALS.get(language(question), _ENGLISH)


def invitation(question: str, examples: Sequence[str] = ()) -> str:
    """What can be asked, in the question's language, with the first of the examples that is in it, or the first."""
    asked = language(question)
    invites, such_as, end = _INVITATIONS.get(asked, _ENGLISH_INVITATION)
    example = next((each for each in examples if language(each) == (asked or "en")), next(iter(examples), ""))
    return f"{invites}{such_as}{example}" if example else f"{invites}{end}"


def invites(answer: str, question: str) -> bool:
    """Whether an answer is the invitation to ask, with or without an example: the reply to a greeting."""
    return answer.startswith(_INVITATIONS.get(language(question), _ENGLISH_INVITATION)[0])


def declines(reply: str, question: str, table: StaticEmbedder) -> bool:
    """Whether a reply says nothing but that there is no answer, in whatever words, with or without marks.

    Every sentence must be near an example of a refusal and bring no figure of its own. An empty reply declines too.
    """
    text = strip_marks(reply)
    spoken = [text[start:end] for start, end in sentences(text)]
    asked = {quantity.value for quantity in quantities(question, loose=True)}
    if any(quantity.value not in asked for quantity in quantities(text)):
        return False
    if not spoken:
        return True
    near = table.embed_passages(spoken) @ table.embed_passages(list(_EXAMPLES)).T
    return bool((near.max(axis=1) >= _NEAR).all())


def may_decline(beginning: str, question: str) -> bool:
    """Whether a reply that begins so may turn out to be our refusal sentence: it is not shown yet."""
    begun, refusal = beginning.lstrip(_OPENING), refusal_sentence(question).rstrip("。.")
    return not find_marks(begun) and (
        refusal.startswith(begun) or (begun.startswith(refusal) and len(begun) < 2 * len(refusal))
    )
