# SPDX-License-Identifier: Apache-2.0
"""The list of peers. A new one is a file like llama_cpp.py and a line in PEERS."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
from engine import Engine


@dataclass(frozen=True)
class Peer:
    """How to get one engine to compare with."""

    name: str
    add_options: Callable[[argparse.ArgumentParser], None]
    open_engine: Callable[[argparse.Namespace, Path], Engine]  # (options, model file)


PEERS = [
    Peer(llama_cpp.NAME, llama_cpp.add_options, llama_cpp.open_engine),
]
