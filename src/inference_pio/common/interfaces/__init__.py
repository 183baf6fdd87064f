# SPDX-License-Identifier: Apache-2.0
"""What a model folder implements."""
