# SPDX-License-Identifier: Apache-2.0
"""Fills a module's parameters from a checkpoint."""

from ..._pio import CustomModelLoader

__all__ = ["CustomModelLoader"]
