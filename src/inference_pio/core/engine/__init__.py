# SPDX-License-Identifier: Apache-2.0
"""The engine, as model code sees it."""
