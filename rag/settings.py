"""The one place that reads the environment and `footnote.toml`; below it everything is an argument."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import InputError

_VARIABLES = {"library": "FOOTNOTE_LIBRARY", "embedder": "FOOTNOTE_EMBEDDER", "k": "FOOTNOTE_K"}


class Settings(BaseModel):
    """What can be set; an argument beats the environment, which beats `footnote.toml`, which beats these defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    library: Path = Path(".footnote")
    """Folder of the library."""
    embedder: str | None = None
    """Name or folder of the embedding model; None means the one the library was made with."""
    k: int = Field(default=5, ge=1, le=50)
    """Paragraphs that are searched for an answer."""

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, file: Path = Path("footnote.toml")) -> Settings:
        """From `footnote.toml` in the working folder and the variables FOOTNOTE_LIBRARY, _EMBEDDER and _K.

        Raises InputError that names the setting which cannot be used.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, object] = {}
        if file.is_file():
            try:
                values.update(tomllib.loads(file.read_text(encoding="utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise InputError(f"{file} is not valid TOML: {error}") from None
        values.update({name: environment[key] for name, key in _VARIABLES.items() if environment.get(key)})
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise InputError(f"The setting {name!r} cannot be used: {first['msg']}.") from None
