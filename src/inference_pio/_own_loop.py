# SPDX-License-Identifier: Apache-2.0
"""Requests to plugins that write their own loop: one at a time for each plugin, and watched."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from ._pio import Error, GenerationResult, InvalidArgumentError, LoadError

T = TypeVar("T")


class OwnAnswer:
    """The answer of plugin.infer(fields): an iterator of pieces of text, and the result behind them.

    Errors: what infer raises; LoadError where it gives None; InvalidArgumentError where it gives anything but a text,
    pieces of text or a GenerationResult; Error where it works for longer than the plugin's `infer_timeout` seconds
    on one piece, or where this thread has another answer of the plugin open. Each ends this request alone.
    """

    def __init__(self, plugin: Any, fields: Mapping[str, Any]) -> None:
        """Wait for the plugin's turn, then call infer."""
        self._name = type(plugin).__name__
        self._watchdog = _Watchdog(plugin.infer_timeout)
        self._turn: _Turn = vars(plugin).setdefault("_own_loop_turn", _Turn())
        self._turn.take(self._name)
        self._is_open = True
        self._text: list[str] = []
        self._prompt_tokens = len(fields.get("ids", ()))
        self._whole: GenerationResult | None = None
        self._pieces: Iterator[Any] = iter(())
        try:
            self._start(self._watched(lambda: plugin.infer(dict(fields))))
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> OwnAnswer:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next piece."""
        try:
            piece = self._watched(lambda: next(self._pieces))
            if not isinstance(piece, str):
                raise InvalidArgumentError(f"[infer] infer of {self._name} gave a piece of type {_kind(piece)}, expected str")
        except StopIteration as end:
            if isinstance(end.value, GenerationResult):
                self._whole = end.value
            self.close()
            raise
        except BaseException:
            self.close()
            raise
        self._text.append(piece)
        return piece

    def result(self) -> GenerationResult:
        """Take all pieces that are left; return the whole answer."""
        for _ in self:
            pass
        return self._whole or GenerationResult("".join(self._text), prompt_tokens=self._prompt_tokens)

    def close(self) -> None:
        """End the request: the plugin's generator is closed, and the next request has its turn."""
        if not self._is_open:
            return
        self._is_open = False
        pieces, self._pieces = self._pieces, iter(())
        try:
            if hasattr(pieces, "close"):
                self._watched(pieces.close)
        finally:
            self._watchdog.stop()
            self._turn.give_back()

    def __del__(self) -> None:
        """End a request whose iterator is dropped."""
        if hasattr(self, "_is_open"):
            self.close()

    def _start(self, out: Any) -> None:
        if isinstance(out, GenerationResult):
            self._whole = out
            self._pieces = iter([out.text])
        elif isinstance(out, str):
            self._pieces = iter([out])
        elif out is None:
            raise LoadError(f"[infer] infer of {self._name} gave None: it is not generative")
        elif hasattr(out, "__iter__"):
            self._pieces = iter(out)
        else:
            raise InvalidArgumentError(
                f"[infer] infer of {self._name} gave a {_kind(out)}, expected a text, pieces of text or a GenerationResult"
            )

    def _watched(self, step: Callable[[], T]) -> T:
        """Run a step of the plugin's code under the watchdog."""
        try:
            with self._watchdog:
                return step()
        except _TimedOut:
            raise Error(
                f"[infer] infer of {self._name} gave nothing for {self._watchdog.seconds:g} s and was ended "
                "(infer_timeout of its class)"
            ) from None


class _Turn:
    """Who has a plugin: one answer, of one thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    def take(self, name: str) -> None:
        me = threading.get_ident()
        if self._owner == me:
            raise Error(f"[infer] {name} answers one request at a time: read or close this thread's other answer first")
        self._lock.acquire()
        self._owner = me

    def give_back(self) -> None:
        self._owner = None
        self._lock.release()


class _TimedOut(BaseException):
    """Raised inside a plugin's code that has run for too long; no `except Exception` of it holds this up."""


class _Watchdog:
    """Raises _TimedOut in the thread that has been inside `with watchdog` for longer than `seconds` (None: never)."""

    _PATIENCE = 1.0  # seconds until it is raised again, in code that swallowed it

    def __init__(self, seconds: float | None) -> None:
        if seconds is not None and not seconds > 0:
            raise InvalidArgumentError(f"[infer] infer_timeout is {seconds!r}, expected seconds or None")
        self.seconds = seconds or 0.0
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self._thread = 0
        self._is_raised = False
        self._is_stopped = seconds is None
        self._is_started = False

    def __enter__(self) -> None:
        if not (self._is_started or self._is_stopped):
            self._is_started = True
            threading.Thread(target=self._watch, name="infer-watchdog", daemon=True).start()
        with self._changed:
            self._thread = threading.get_ident()
            self._is_raised = False
            self._deadline = time.monotonic() + self.seconds
            self._changed.notify()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._changed:
            self._deadline = None
            if self._is_raised and (kind is None or not issubclass(kind, _TimedOut)):
                _raise_in(self._thread, None)  # it came too late to be seen inside
                raise _TimedOut

    def stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._is_stopped:
                now = time.monotonic()
                if self._deadline is not None and now >= self._deadline:
                    self._is_raised = True
                    _raise_in(self._thread, _TimedOut)
                    self._deadline = now + self._PATIENCE
                self._changed.wait(None if self._deadline is None else self._deadline - now)


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    target = ctypes.py_object(kind) if kind is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), target)


def _kind(value: object) -> str:
    return type(value).__name__
