"""The one place that reads the environment and `footnote.toml`; below it everything is an argument."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from index.errors import InputError

_ALSO = {"base_url": ("OPENAI_BASE_URL",), "api_key": ("OPENAI_API_KEY",)}
"""The names that other tools give to the same settings; ours count first."""


def _headers(value: object) -> object:
    """`Name: value` lines of the environment as a mapping."""
    if not isinstance(value, str):
        return value
    lines = [line.partition(":") for line in value.splitlines() if line.strip()]
    if any(not name.strip() or not colon for name, colon, _ in lines):
        raise ValueError("each line must be `Name: value`")
    return {name.strip(): text.strip() for name, _, text in lines}


class Settings(BaseModel):
    """What can be set; an argument beats the environment, which beats `footnote.toml`, which beats these defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    library: Path = Path(".footnote")
    """Folder of the library."""
    engine: str | None = None
    """Address of a library in Milvus, `milvus://host:19530/name`; the folder then has keys and uploads only."""
    embedder: str | None = None
    """e5, a model's name or folder, or `http://HOST/v1#MODEL`; None means the one the library was made with."""
    k: int = Field(default=5, ge=1, le=50)
    """Paragraphs that are searched for an answer."""
    threshold: float = Field(default=0.45, ge=0, le=1)
    """Evidence below this is refused (`rag.answerability`); `footnote eval calibrate` fits it to your questions."""
    model: str | None = None
    """Model at the endpoint; None: no endpoint is asked, whatever else is set, and nothing leaves the machine."""
    base_url: str = "https://api.openai.com/v1"
    """Address of an OpenAI-compatible endpoint, taken literally."""
    api_key: SecretStr | None = None
    """Key for it; never shown."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest reply in tokens; None: 1024, a quarter of a shorter context, and no bound for a model that thinks."""
    temperature: float | None = Field(default=0.0, ge=0, le=2)
    """Sent unless the endpoint refuses it."""
    strict: bool = False
    """Leave out sentences that their sources do not support, instead of flagging them."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds for a reply, retries and waits included; None: 300, and 900 from this machine or its network."""
    connect_timeout: float = Field(default=10.0, gt=0)
    """Seconds to connect to the endpoint."""
    first_token_timeout: float | None = Field(default=None, gt=0)
    """Seconds from a streamed request to its first text; None: 120, and 600 from this machine or its network."""
    token_timeout: float = Field(default=60.0, gt=0)
    """Seconds of silence in a stream that has begun."""
    retries: int = Field(default=2, ge=0, le=10)
    """Further attempts when the endpoint is busy or the connection breaks."""
    headers: Annotated[dict[str, SecretStr], BeforeValidator(_headers)] = Field(default_factory=dict)
    """Extra headers; in the environment one per line, `Name: value`. Never shown."""
    ca_bundle: Path | None = None
    """PEM file of certificates to trust instead of the usual ones."""
    proxy: SecretStr | None = None
    """Address of a proxy, instead of what HTTPS_PROXY and NO_PROXY say."""
    cassette: Literal["record", "replay", "cache"] | None = None
    """record: keep every reply of the endpoint; replay: answer from those kept, ask nobody; cache: ask what is new."""
    cassette_dir: Path = Path("cassettes")
    """Folder of the recordings."""
    fallback: bool = True
    """Quote the documents when the endpoint, or all that it wrote, fails; False: an endpoint that fails is an error."""
    repair: bool = False
    """Ask the model once more when sentences are unsupported. Off: they are flagged; one question, one request."""
    second_opinion: bool = False
    """Ask the model about sentences that the check leaves in doubt, one request each (`rag.second_opinion`)."""
    searches: Literal["question", "model"] = "question"
    """What is searched for: the question, or what the model proposes besides, one request more (`rag.searches`)."""
    rewrite: Literal["rules", "model", "off"] = "rules"
    """Who makes a follow-up question understandable alone: rules, the model (rules when it fails), or nobody.

    Slips of the keyboard (`index.spelling`) are put right as well, except with "off"."""
    template: Path | None = None
    """File with the words around rules and sources, instead of ours."""
    tokenizer: Path | None = None
    """The model's `tokenizer.json`, or the folder with it, to count tokens with; None estimates them."""
    budget: int = Field(default=6000, ge=100)
    """Tokens that the sources may take in a prompt."""

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, file: Path = Path("footnote.toml")) -> Settings:
        """From `footnote.toml` in the working folder and the environment (`variables`).

        Raises InputError that names the setting which cannot be used.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, object] = {}
        if file.is_file():
            try:
                values.update(tomllib.loads(file.read_text(encoding="utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise InputError(f"{file} is not valid TOML: {error}") from None
        for name in cls.model_fields:
            found = [environment[key].strip() for key in variables(name) if environment.get(key, "").strip()]
            values.update({name: found[0]} if found else {})
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise InputError(f"The setting {name!r} cannot be used: {first['msg']}.") from None


def variables(name: str) -> tuple[str, ...]:
    """The environment's variables for a setting, the first one that is set counts: "k" -> ("FOOTNOTE_K",)."""
    return (f"FOOTNOTE_{name.upper()}", *_ALSO.get(name, ()))
