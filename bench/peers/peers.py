# SPDX-License-Identifier: Apache-2.0
"""The list of peers. A new one is a file like llama_cpp.py and a line in PEERS."""

from collections.abc import Callable
from pathlib import Path

import ik_llama_cpp
import llama_cpp
import openvino
from engine import Engine

# (folder of builds, instruction set, threads, compilers at once): builds what is missing.
Open = Callable[[Path, str, int, int], list[Engine]]

PEERS: dict[str, Open] = {
    llama_cpp.NAME: llama_cpp.engines,
    ik_llama_cpp.NAME: ik_llama_cpp.engines,
    openvino.NAME: openvino.engines,
}
