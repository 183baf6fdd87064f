# SPDX-License-Identifier: Apache-2.0
"""Finds architectures and makes plugins."""

from ..._pio import ModelFactory

__all__ = ["ModelFactory"]
