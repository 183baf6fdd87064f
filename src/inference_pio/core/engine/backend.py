# SPDX-License-Identifier: Apache-2.0
"""What model code uses: tensors, modules, layers and ops."""

from ..._pio import *  # noqa: F403
