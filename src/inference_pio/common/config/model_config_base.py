# SPDX-License-Identifier: Apache-2.0
"""The configuration that every architecture has."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from ..._pio import config_aliases


@dataclass
class BaseConfig:
    """Fields common to all; subclasses add theirs, each with a default.

    A checkpoint's config.json fills the fields that it has, under their own names or one of `aliases`.
    """

    aliases: ClassVar[dict[str, list[str]]] = config_aliases()

    model_name: str = ""
    model_path: str = ""
    model_type: str = ""
    dtype: str = ""
    max_position_embeddings: int = 2048
    bos_token_id: int | None = None
    eos_token_id: int | None = None
    pad_token_id: int | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> BaseConfig:
        """Note what the caller gives, which a checkpoint's file does not replace."""
        made = super().__new__(cls)
        made.__dict__["_arguments"] = (args, kwargs)
        return made

    def _given(self) -> dict[str, Any]:
        """The fields that were given when it was made, and those that were set later."""
        args, kwargs = self.__dict__["_arguments"]
        names = [field.name for field in fields(self) if field.init]
        given = dict(zip(names, args, strict=False)) | kwargs
        fresh = type(self)(*args, **kwargs)
        return {
            name: value
            for name in names
            if (value := getattr(self, name)) != getattr(fresh, name) or name in given
        }
