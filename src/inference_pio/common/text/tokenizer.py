# SPDX-License-Identifier: Apache-2.0
"""Text to token ids and back."""

from ..._pio import Tokenizer

__all__ = ["Tokenizer"]
