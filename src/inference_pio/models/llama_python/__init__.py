# SPDX-License-Identifier: Apache-2.0
"""The Llama family in Python: the guide's worked example."""

from .config import LlamaConfig
from .model import LlamaModel

__all__ = ["LlamaConfig", "LlamaModel"]
