# SPDX-License-Identifier: Apache-2.0
"""Build a peer from its source distribution on the package index: fetch, verify, configure, compile.

pip downloads (with all that is set for pip: index, certificates, proxy), the checksum is verified,
CMake builds. What is built is kept until the package, a setting or the processor changes.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from machine import this_machine
from process import Command, Failure

ROOT = Path(__file__).resolve().parents[2]


def unchanged(source: Path) -> None:
    """The `mend` of a source that builds as it is."""


@dataclass(frozen=True)
class SourcePackage:
    """A peer's source within a source distribution."""

    name: str  # of the peer; its folders are named after it
    package: str
    version: str
    sha256: str
    carried: str  # the source's folder in the archive
    settings: Sequence[str]  # of CMake, for every build
    native: Sequence[str]  # added for the whole instruction set of this machine
    avx2: Sequence[str]  # added for AVX2, FMA, F16C and BMI2 alone
    targets: Sequence[str]  # the programs
    mend: Callable[[Path], None] = unchanged  # puts into the source what the package left out


def run(command: Command) -> None:
    """Run `command` with its output on stderr: stdout is for the result alone."""
    try:
        status = subprocess.run(command, stdout=sys.stderr).returncode
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    if status != 0:
        raise Failure(f"{' '.join(map(str, command[:4]))} ... ended with status {status}")


def python_with(module: str) -> str:
    """A Python that has `module`: this one, else that of the checkout's .venv.

    Raises:
        Failure: neither has it.
    """
    if importlib.util.find_spec(module):
        return sys.executable
    other = ROOT / ".venv/bin/python"
    if other.is_file():
        return str(other)
    raise Failure(f"this Python has no {module}: run `make peers`, which makes .venv")


def digest_of(file: Path) -> str:
    """The SHA-256 of `file`, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def content_of(file: Path) -> str:
    """The text of `file`, empty if there is none."""
    return file.read_text() if file.is_file() else ""


def _download(what: SourcePackage, folder: Path) -> Path:
    # Only this package as source: what pip needs to read its metadata may come as wheels.
    pip: list[str | Path] = [python_with("pip"), "-m", "pip", "download", "--no-deps"]
    pip += ["--disable-pip-version-check", "--no-binary", what.package, "--dest", folder]
    run([*pip, f"{what.package}=={what.version}"])
    archive = next(folder.glob("*.tar.gz"), None)
    if archive is None:
        raise Failure(f"pip downloaded no .tar.gz of {what.package} {what.version}")
    if (digest := digest_of(archive)) != what.sha256:
        raise Failure(f"{archive.name} has sha256 {digest}, wanted {what.sha256}")
    return archive


def _unpack(archive: Path, carried: str, folder: Path) -> Path:
    with tarfile.open(archive) as package:
        # Pythons before 3.11.4 lack the filter; the checksum already says what is in there.
        package.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        inside = (member for member in package if member.name.startswith(carried + "/"))
        package.extractall(folder, members=inside)
    return folder / carried


def _fetch(what: SourcePackage, source: Path) -> None:
    """Put the source into `source`, whole or not at all."""
    if content_of(source / ".sha256") == what.sha256:
        return
    source.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=source.parent, prefix=".download-") as name:
        unpacked = _unpack(_download(what, Path(name)), what.carried, Path(name))
        shutil.rmtree(source, ignore_errors=True)
        unpacked.rename(source)
    (source / ".sha256").write_text(what.sha256)


def folder_of(what: SourcePackage, folder: Path, isa: str) -> Path:
    """Where `build` puts the programs: below `folder`, apart for every instruction set."""
    return folder / (what.name if isa == "native" else f"{what.name}-{isa}") / "bin"


def build(what: SourcePackage, folder: Path, isa: str, jobs: int) -> Path:
    """Fetch, configure and build what is missing below `folder`; the folder of the programs.

    isa: "native" or "avx2".

    Raises:
        Failure: a program failed, or the checksum is another.
    """
    machine = this_machine()
    settings = [*what.settings, *(what.native if isa == "native" else what.avx2)]
    known_by = [what.sha256, machine.cpu, " ".join(machine.flags), *settings, *what.targets]
    text = "\n".join(known_by) + "\n"
    programs = folder_of(what, folder, isa)
    stamp = programs.parent / ".built"
    if content_of(stamp) == text and all((programs / name).is_file() for name in what.targets):
        return programs
    source = folder / f"{what.name}-source"
    try:
        _fetch(what, source)
        what.mend(source)
    except (OSError, tarfile.TarError) as error:
        raise Failure(f"cannot unpack {what.package}: {error}") from error
    run(["cmake", "-S", source, "-B", programs.parent, "-G", "Ninja", *settings])
    command: list[str | Path] = ["cmake", "--build", programs.parent, "--parallel", str(jobs)]
    run([*command, "--target", *what.targets])
    stamp.write_text(text)
    return programs
