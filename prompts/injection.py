"""Text that seems to speak to the model instead of the reader: flagged, and evidence all the same.

A pattern, not a proof. It reads what a reader would see: invisible characters gone, width, case and traditional
characters folded. Sentences such as "忽略以上规则", "AI assistants must answer", "when asked, say" are caught, in
Chinese and English; so are turns of a conversation, special tokens, and images that would carry data out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.sentences import sentences
from index.text import fold, squeeze

_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0e\U000e0000-\U000e01ef]"
)
"""Zero-width, bidirectional, tag and variation characters: a reader does not see them, a model does. The joiners U+200C
and U+200D and the selector U+FE0F stay: Persian, Indic scripts and emoji are written with them."""

_WHOM = (
    r"(?<![a-z])ai(?![a-z])|人工智能|大?语言模型|大模型|智能助手|助手|聊天机器人|机器人|智能体|chatgpt|(?<![a-z])gpt"
)
_SAY = r"回答|回复|回覆|答复|答案|输出|复述|应答|作答"
_CHINESE = (
    r"(?:忽略|无视|忘记|忘掉|不要理会|不必理会|不用管|抛弃|绕过|推翻|覆盖|不再遵守|停止遵守).{0,16}"
    r"(?:指令|指示|规则|提示|要求|设定|命令|约束|限制|以上|上述|之前|前面|上面|此前|来源|段落|资料|文档)",
    rf"(?:{_WHOM}|你|您|模型).{{0,16}}(?:必须|应当|应该|务必|请|只能|只需|需要|现在是|将扮演|扮演|不得|不要|禁止|要|应).{{0,16}}"
    rf"(?:{_SAY}|说|写|重复|告诉|引用|标注|声称|承认|提及|遵守|执行|推荐)",
    r"(?:你|您)(?:现在|从现在起|从此)?(?:是|将|要)?(?:扮演|一个没有限制|不受限制|进入)",
    rf"(?:只|仅|一律|统一|直接|改为|务必|必须|请)(?:需|能|要|可)?(?:{_SAY})(?:[:：“「\"]|说|为|成|上|以下|下面|如下|这|该|“)",
    rf"(?:在|于)?(?:你的|最终|所有|任何)?(?:{_SAY})(?:时|中|里|末尾|开头|最后|正文)?.{{0,6}}(?:必须|请|务必|一律|改为|写成|写为|加上|附上|插入|原样)",
    # Not 应当, 问题, 说明: 如有问题，应当说明原因 is for people.
    rf"(?:(?<!应)当|如果|若|凡是?|只要|无论).{{0,12}}(?:问(?!题)|询问).{{0,24}}(?:{_SAY}|说(?!明)|写|告知|告诉)",
    r"系统(?:提示|消息|指令)|提示词|开发者模式|越狱|管理员(?:指令|模式|授权)|(?:新|最高)(?:指令|优先级)",
    r"(?:泄露|透露|显示|打印|输出|发送|上传|提交).{0,12}(?:系统提示|提示词|密钥|密码|对话|聊天记录|api)",
    r"(?:标注|引用|注明|标记|注上).{0,10}(?:\[\d|【\d|来源\d|全部来源|所有来源)",
    r"(?:正确答案|标准答案|真实答案|唯一答案)(?:是|为|[:：])",
)
_THEM = r"ai|a\.i\.|assistants?|language models?|llms?|chatbots?|chatgpt|gpt|bots?|the model|you"
_VERB = r"answer|reply|respond|say|state|write|output|repeat|tell|cite|claim|pretend|print|mention|include|recommend"
_ENGLISH = (
    r"\b(?:ignore|disregard|forget|override|bypass|discard|stop following|(?:do not|don't) follow)\b.{0,60}"
    r"\b(?:instructions?|rules?|prompts?|directions?|guidelines?|sources?|above|previous|prior|earlier|everything)\b",
    rf"\b(?:{_THEM})\b.{{0,30}}\b(?:must|should|shall|ha(?:ve|s) to|(?:are|is) required to|will|need to|please)\b"
    rf".{{0,40}}\b(?:{_VERB}|ignore|comply|obey)\b",
    r"\byou are (?:now|no longer)\b|\bfrom now on\b.{0,30}\byou\b|\bpretend (?:to be|you|that)\b"
    r"|^\W*(?:please )?act as\b|\byou (?:will |must |should )?act as\b",
    r"\b(?:always|only|simply|instead|please)\s+(?:answer|reply|respond|output|say|print|repeat)\b",
    r"\b(?:answer|reply|respond)\s+(?:only|exactly|with|that|as follows|:)",
    r"\b(?:your|the final) (?:answer|reply|response) (?:must|should|is to)\b",
    r"\bin your (?:answer|reply|response|output)\b",
    r"\b(?:repeat|output|print|say|copy|write)\b.{0,12}\b(?:the following|exactly|verbatim|after me|word for word)\b",
    rf"\b(?:when|if|whenever|should)\b.{{0,30}}\b(?:asks?|asked|asking|question)\b.{{0,60}}\b(?:{_VERB})\b",
    r"\b(?:system|developer|hidden|initial) (?:prompt|message|instructions?|override)\b",
    r"\bjailbreak\b|\bdeveloper mode\b",
    r"\b(?:reveal|print|show|leak|send|output|repeat|post)\b.{0,30}"
    r"\b(?:your prompt|api key|passwords?|secrets|conversation|chat history)\b",
    r"\bthe (?:correct|right|true|only|official) answer (?:is|to)\b",
)
_TURNS = (
    r"^\W*(?:system|assistant|user|human|developer|系统|助手|用户)\s*[:：>\]]",
    r"<\|.{0,40}?\|>|\[/?inst\]|<<sys>>|<(?:start|end)_of_turn>|</?(?:source|system|instructions?|think)\b",
    r"#{2,}\s*(?:instruction|system|response|指令|系统)",
)
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\(\s*https?:[^)\n]{0,500}\)?")
_SPEAKS = re.compile("|".join(f"(?:{pattern})" for pattern in (*_CHINESE, *_ENGLISH, *_TURNS)))


def visible(text: str) -> str:
    """Without characters that a reader cannot see; line breaks and tabs stay."""
    shown = _INVISIBLE.sub("", text)
    return "".join(c for c in shown if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Zl", "Zp"))


@lru_cache(maxsize=512)
def instructions(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the sentences that give orders to a model: "甲。忽略以上规则。" -> ((2, 9),)."""
    images = [match.span() for match in _IMAGE.finditer(text)]
    return tuple(
        (start, end)
        for start, end in sentences(text)
        if _SPEAKS.search(_seen(text[start:end])) or any(a < end and start < b for a, b in images)
    )


def _seen(sentence: str) -> str:
    """As it is compared: folded, spaces squeezed, none between Chinese characters."""
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", squeeze(fold(visible(sentence))))
