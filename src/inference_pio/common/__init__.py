# SPDX-License-Identifier: Apache-2.0
"""What every model folder builds on."""
