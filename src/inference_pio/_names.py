# SPDX-License-Identifier: Apache-2.0
"""What `from inference_pio import *` gives of the extension."""

from __future__ import annotations

import builtins

from . import _pio

# abs, max, sum ... would shadow Python's own; they stay reachable as inference_pio.abs. The others are no part of
# model code.
PUBLIC = [
    name
    for name in vars(_pio)
    if not name.startswith("_") and not hasattr(builtins, name) and name not in ("config_aliases", "main")
]
