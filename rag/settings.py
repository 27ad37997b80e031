"""The one place that reads the environment and `footnote.toml`; below it everything is an argument."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from index.errors import InputError

_VARIABLES = {
    "library": ("FOOTNOTE_LIBRARY",),
    "embedder": ("FOOTNOTE_EMBEDDER",),
    "k": ("FOOTNOTE_K",),
    "threshold": ("FOOTNOTE_THRESHOLD",),
    "model": ("FOOTNOTE_MODEL",),
    "base_url": ("FOOTNOTE_BASE_URL", "OPENAI_BASE_URL"),
    "api_key": ("FOOTNOTE_API_KEY", "OPENAI_API_KEY"),
    "max_tokens": ("FOOTNOTE_MAX_TOKENS",),
    "temperature": ("FOOTNOTE_TEMPERATURE",),
    "strict": ("FOOTNOTE_STRICT",),
    "timeout": ("FOOTNOTE_TIMEOUT",),
}
"""Setting to the variables that give it; the first one that is set counts."""


class Settings(BaseModel):
    """What can be set; an argument beats the environment, which beats `footnote.toml`, which beats these defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    library: Path = Path(".footnote")
    """Folder of the library."""
    embedder: str | None = None
    """Name or folder of the embedding model; None means the one the library was made with."""
    k: int = Field(default=5, ge=1, le=50)
    """Paragraphs that are searched for an answer."""
    threshold: float = Field(default=0.25, ge=0, le=1)
    """Evidence below this is refused (`rag.abstain.evidence`); `footnote eval calibrate` fits it to your questions."""
    model: str | None = None
    """Model at the endpoint; None: no endpoint is asked, whatever else is set, and nothing leaves the machine."""
    base_url: str = "https://api.openai.com/v1"
    """Address of an OpenAI-compatible endpoint, taken literally."""
    api_key: SecretStr | None = None
    """Key for it; never shown."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest reply in tokens."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Sent only when set."""
    strict: bool = False
    """Leave out sentences that their sources do not support, instead of flagging them."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds for one attempt."""

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, file: Path = Path("footnote.toml")) -> Settings:
        """From `footnote.toml` in the working folder and the variables named above.

        Raises InputError that names the setting which cannot be used.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, object] = {}
        if file.is_file():
            try:
                values.update(tomllib.loads(file.read_text(encoding="utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise InputError(f"{file} is not valid TOML: {error}") from None
        for name, keys in _VARIABLES.items():
            found = [environment[key].strip() for key in keys if environment.get(key, "").strip()]
            values.update({name: found[0]} if found else {})
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise InputError(f"The setting {name!r} cannot be used: {first['msg']}.") from None
