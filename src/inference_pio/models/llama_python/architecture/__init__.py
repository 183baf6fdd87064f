# SPDX-License-Identifier: Apache-2.0
"""Layers of the Llama family."""

from .layer import DecoderLayer

__all__ = ["DecoderLayer"]
