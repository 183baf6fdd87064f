# SPDX-License-Identifier: Apache-2.0
"""The Llama family as the engine runs it."""

from ...common.interfaces.improved_base_plugin_interface import CausalLMPlugin
from .config import LlamaConfig
from .model import LlamaModel


class LlamaPythonPlugin(CausalLMPlugin):
    """Tokenization, chat template and the generation loop are CausalLMPlugin's."""

    config_class = LlamaConfig
    model_class = LlamaModel
    paired_qk_rows = True
