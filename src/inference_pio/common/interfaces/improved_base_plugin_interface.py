# SPDX-License-Identifier: Apache-2.0
"""What a model folder implements."""

from ..._pio import CausalLMPlugin, GenerationResult, ModelPluginInterface, Session

__all__ = ["CausalLMPlugin", "GenerationResult", "ModelPluginInterface", "Session"]
