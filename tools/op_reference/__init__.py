# SPDX-License-Identifier: Apache-2.0
"""Parts of make_op_reference.py."""
