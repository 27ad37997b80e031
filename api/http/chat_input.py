"""What a chat client sends: known parameters are typed, what a client relies on and would not get is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http.chat_cut import Cut
from api.http.chat_footnotes import LIST
from api.http.errors import ApiError
from api.http.inputs import Count, K, SourcePattern
from api.service import AskRequest
from rag.conversation import Turn

_TRANSCRIPT = "<chat_history>", "</chat_history>"
"""Between these Open WebUI quotes the conversation when it wants a title, tags or further questions for it."""
_LONGEST = 50_000
"""Characters that are passed to the model as they are."""
_REMEMBERED = 100
"""Messages before the question that are looked at."""


class ChatInput(BaseModel):
    """Known parameters have their types; unknown ones pass."""

    model_config = ConfigDict(extra="allow", strict=True)


One = Annotated[int, Field(ge=1, le=1)]
ModelName = Annotated[
    str, Field(min_length=1, max_length=200, description="Any name; `footnote-strict` leaves out what is not supported")
]


class Part(ChatInput):
    """A part of a message."""

    type: str
    text: str | None = None


class Cited(ChatInput):
    """What an answer of ours cites, as its message carries it."""

    cited: list[str] = []


class Message(ChatInput):
    """A turn; those of the system are not followed: the rules of citing are ours."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None
    footnote: Cited | None = None
    tool_calls: list[dict[str, Any]] | None = None
    """What an agent had its own model call; passed over, as the messages that answer it are."""

    @property
    def words(self) -> str:
        """Its text. Raises ApiError for a picture or a sound."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        if any(part.type not in ("text", "input_text", "output_text", "refusal") for part in self.content):
            raise ApiError(400, "Only text can be asked.", param="messages")
        return "".join(part.text or "" for part in self.content)


class Kind(ChatInput):
    """What the reply is to be."""

    type: str


class StreamOptions(ChatInput):
    """What a stream tells beside the text."""

    include_usage: bool | None = None


class Choices(ChatInput):
    """Footnote's own parameters, in `extra_body={"footnote": {...}}`."""

    k: K = None
    source: SourcePattern = None
    strict: bool = False


class ChatIn(ChatInput):
    """A conversation whose last message is the question."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"model": "footnote", "messages": [{"role": "user", "content": "望江区建成了多少间中试车间？"}]}
            ]
        }
    )
    model: ModelName
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: One | None = None
    temperature: Annotated[float | None, Field(ge=0, le=2, description="Ignored")] = None
    top_p: Annotated[float | None, Field(ge=0, le=1, description="Ignored")] = None
    max_tokens: Annotated[Count | None, Field(description="Longest content, by our count of tokens")] = None
    max_completion_tokens: Annotated[Count | None, Field(description="The same")] = None
    stop: str | Annotated[list[str], Field(max_length=16)] | None = None
    response_format: Annotated[Kind | None, Field(description="text only")] = None
    tool_choice: Annotated[str | dict[str, Any] | None, Field(description="none or auto: no tool is called")] = None
    footnote: Choices | None = None

    def ask_request(self, task: str | None = None) -> AskRequest:
        """The question with the turns before it. Raises ApiError when the last message is not the user's.

        `task` is what the client wants done for itself, if anything; versions of Open WebUI that do not know the
        placeholder leave it in the header.
        """
        self._refuse_unknown()
        turns = [m for m in self.messages if m.role in ("user", "assistant") and not m.tool_calls]
        *before, last = turns or [self.messages[-1]]
        if last.role != "user":
            raise ApiError(400, "The last message must be the user's question.", param="messages")
        if (task and "{{" not in task) or all(tag in last.words for tag in _TRANSCRIPT):
            passed_on = [{"role": m.role, "content": m.words} for m in self.messages]
            if (size := sum(len(message["content"]) for message in passed_on)) > _LONGEST:
                raise ApiError(413, f"{size} characters are too many for the model; send {_LONGEST} at most.")
            return AskRequest("", passed_on=passed_on)
        own = self.footnote or Choices()
        strict = own.strict or self.model == "footnote-strict"
        return AskRequest(last.words, own.k, own.source, _turns(before[-_REMEMBERED:]), strict)

    @property
    def cut(self) -> Cut:
        """Where the content is to end."""
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return Cut(stop, self.max_completion_tokens or self.max_tokens)

    def _refuse_unknown(self) -> None:
        """Raises ApiError (400) for what a client relies on and would not get."""
        if self.response_format and self.response_format.type != "text":
            message = "Answers are text; leave response_format out, and read the field `footnote` for structure."
            raise ApiError(400, message, param="response_format")
        if self.tool_choice not in (None, "none", "auto"):
            raise ApiError(400, "No tool is called here; set tool_choice to none.", param="tool_choice")


def _turns(messages: Sequence[Message]) -> list[Turn]:
    """Question and answer in turn; a question without an answer counts, an answer without a question does not."""
    turns: list[Turn] = []
    for message in messages:
        words = message.words.strip()
        if message.role == "user" and words:
            turns.append(Turn(words))
        elif message.role == "assistant" and turns and not turns[-1].answer:
            cited = tuple(message.footnote.cited) if message.footnote else ()
            turns[-1] = Turn(turns[-1].question, words.partition(LIST)[0], cited)
    return turns
