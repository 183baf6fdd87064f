# SPDX-License-Identifier: Apache-2.0
"""What model code uses: tensors, modules, layers and ops."""

from ..._names import PUBLIC as __all__  # noqa: F401
from ..._pio import *  # noqa: F403
