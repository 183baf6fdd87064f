# SPDX-License-Identifier: Apache-2.0
"""Inference-PIO: runs language models from GGUF and safetensors files.

A model by name or path, and one answer:

    import inference_pio

    with inference_pio.load("SmolLM2-135M-Instruct.Q4_1") as model:
        print(model.chat([{"role": "user", "content": "Hello!"}]).text)
"""

from __future__ import annotations

if __name__ != "inference_pio":
    # Imported as src.inference_pio, from the repository root: one package under two names.
    from ._alias import install

    install(__name__)
else:
    from ._names import PUBLIC
    from ._pio import *  # noqa: F403
    from ._pio import __version__
    from .common.config.model_config_base import BaseConfig
    from .common.factory.model_factory import ModelFactory
    from .model import Model, load

    __all__ = [
        *PUBLIC,
        "BaseConfig",
        "Model",
        "ModelFactory",
        "__version__",
        "load",
    ]

