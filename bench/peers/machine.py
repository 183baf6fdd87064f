# SPDX-License-Identifier: Apache-2.0
"""What numbers of speed must be read with: the processor, its instruction sets, the load."""

import os
from dataclasses import dataclass
from pathlib import Path

# Those that decide which kernels run, here and in the peers.
FLAGS = (
    "avx2 fma f16c avx_vnni avx512f avx512bw avx512_vnni avx512_bf16 avx512_fp16 amx_int8 amx_bf16"
)


@dataclass(frozen=True)
class Machine:
    """This computer."""

    cpu: str
    flags: list[str]
    usable_cpus: int
    cpus: int

    def __str__(self) -> str:
        """One line."""
        return f"{self.cpu}, {self.usable_cpus} of {self.cpus} CPUs usable; {' '.join(self.flags)}"


def this_machine() -> Machine:
    """Read from /proc/cpuinfo; empty where it does not say."""
    facts: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    here = facts.get("flags", "").split()
    return Machine(
        cpu=facts.get("model name", "unknown processor"),
        flags=[flag for flag in FLAGS.split() if flag in here],
        usable_cpus=len(os.sched_getaffinity(0)),
        cpus=os.cpu_count() or 1,
    )


def load() -> float:
    """Processes that ran or waited to run, averaged over the last minute."""
    return os.getloadavg()[0]
