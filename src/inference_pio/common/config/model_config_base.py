# SPDX-License-Identifier: Apache-2.0
"""The configuration that every architecture has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

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
