# SPDX-License-Identifier: Apache-2.0
"""Requests to plugins that write their own loop: each in a thread of its own, one at a time for a plugin."""

from __future__ import annotations

import contextvars
import ctypes
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ._pio import Error, GenerationResult, InvalidArgumentError, LoadError

_PIECES_AHEAD = 1024  # that a loop may write before its reader takes one
_NOTICE = 0.05  # seconds until a waiting loop sees that its reader is gone


class OwnAnswer:
    """The answer of plugin.infer(fields): an iterator of pieces of text, and the result behind them.

    Errors: what infer raises; LoadError where it gives None; InvalidArgumentError where it gives anything but a text,
    pieces of text or a GenerationResult; Error where it works for longer than the plugin's `infer_timeout` seconds on
    one piece, or the plugin is still busy with another request after that time. Each ends this request alone.
    """

    def __init__(self, plugin: Any, fields: Mapping[str, Any]) -> None:
        """Wait for the plugin's turn, then start its loop."""
        self._name = type(plugin).__name__
        self._patience = _patience_of(plugin)
        self._loop = _Loop(plugin, dict(fields))
        turns: _Turns = vars(plugin).setdefault("_own_loop_turns", _Turns())
        if not turns.take(self._loop, self._patience):
            raise Error(f"[infer] {self._name} is still busy with another request after {self._patience:g} s")
        self._asked: float | None = None
        self._text: list[str] = []
        self._prompt_tokens = len(fields.get("ids", ()))
        self._whole: GenerationResult | None = None
        self._is_ended = False

    def __iter__(self) -> Iterator[str]:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next piece."""
        while (piece := self.poll(1.0)) == "":
            pass
        if piece is None:
            raise StopIteration
        return piece

    def poll(self, seconds: float) -> str | None:
        """Return the next piece, "" where there is none within `seconds`, or None at the end."""
        if self._is_ended:
            return None
        if self._asked is None:
            self._asked = time.monotonic()
        left = self._asked + self._patience - time.monotonic()
        try:
            item = self._loop.items.get(timeout=min(seconds, max(left, 0.0)))
        except queue.Empty:
            if left > seconds:
                return ""
            self.close()
            raise Error(
                f"[infer] infer of {self._name} gave nothing for {self._patience:g} s and was ended (infer_timeout of its class)"
            ) from None
        except BaseException:  # Ctrl-C
            self.close()
            raise
        self._asked = None
        if isinstance(item, str):
            self._text.append(item)
            return item
        self._is_ended = True
        if isinstance(item, BaseException):
            raise item
        self._whole = item.result
        return None

    def result(self) -> GenerationResult:
        """Take all pieces that are left; return the whole answer."""
        for _ in self:
            pass
        return self._whole or GenerationResult("".join(self._text), prompt_tokens=self._prompt_tokens)

    def close(self) -> None:
        """End the request. A loop between two pieces closes its generator; one at work is interrupted."""
        if not self._is_ended:
            self._is_ended = True
            self._loop.end(interrupt=self._asked is not None)

    def __del__(self) -> None:
        """End a request whose iterator is dropped."""
        if hasattr(self, "_is_ended"):
            self.close()


class _Turns:
    """Whose turn it is with a plugin: the loop that was started last, until its thread ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: _Loop | None = None

    def take(self, loop: _Loop, patience: float) -> bool:
        """Start `loop` behind the last one; False where that does not end within `patience` seconds."""
        deadline = time.monotonic() + patience
        if not self._lock.acquire(timeout=patience):
            return False
        try:
            last = self._last
            if last is not None and not last.wait(deadline - time.monotonic()):
                if not last.is_wanted:
                    last.end(interrupt=True)
                return False
            self._last = loop
            loop.start()
            return True
        finally:
            self._lock.release()


class _End:
    """The end of an answer, with its result where the loop gave one."""

    def __init__(self, result: GenerationResult | None) -> None:
        self.result = result


class _Loop:
    """A thread that runs plugin.infer(fields) and puts what it gives into `items`."""

    def __init__(self, plugin: Any, fields: dict[str, Any]) -> None:
        self.items: queue.Queue[str | _End | BaseException] = queue.Queue(_PIECES_AHEAD)
        self.is_wanted = True
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run, plugin, fields), name="infer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether it ends within `seconds`."""
        self._thread.join(max(seconds, 0.0))
        return not self._thread.is_alive()

    def end(self, interrupt: bool) -> None:
        """Let it end at its next piece, or raise in the middle of what it does."""
        self.is_wanted = False
        if interrupt and self._thread.ident is not None:
            exception = ctypes.py_object(_Interrupted)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident), exception)

    def _run(self, plugin: Any, fields: dict[str, Any]) -> None:
        try:
            self._put(self._outcome(plugin, fields))
        except _Interrupted:
            pass

    def _outcome(self, plugin: Any, fields: dict[str, Any]) -> _End | BaseException:
        """Put the pieces of the answer; return how it ended."""
        try:
            return _End(self._give(type(plugin).__name__, plugin.infer(fields)))
        except _Interrupted:
            raise
        except BaseException as error:
            return error

    def _give(self, name: str, out: Any) -> GenerationResult | None:
        """Put the pieces of what infer gave; return the result, if it gave one."""
        if isinstance(out, GenerationResult):
            self._put(out.text)
            return out
        if isinstance(out, str):
            self._put(out)
            return None
        if out is None:
            raise LoadError(f"[infer] infer of {name} gave None: it is not generative")
        if not hasattr(out, "__iter__"):
            what = type(out).__name__
            raise InvalidArgumentError(
                f"[infer] infer of {name} gave a {what}, expected a text, pieces of text or a GenerationResult"
            )
        pieces = iter(out)
        try:
            while True:
                piece = next(pieces)
                if not isinstance(piece, str):
                    what = type(piece).__name__
                    raise InvalidArgumentError(f"[infer] infer of {name} gave a piece of type {what}, expected str")
                self._put(piece)
        except StopIteration as end:
            return end.value if isinstance(end.value, GenerationResult) else None
        finally:
            if hasattr(pieces, "close"):
                pieces.close()

    def _put(self, item: str | _End | BaseException) -> None:
        while self.is_wanted:
            try:
                self.items.put(item, timeout=_NOTICE)
                return
            except queue.Full:
                pass
        raise _Interrupted


class _Interrupted(BaseException):
    """Ends a loop whose reader is gone; no `except Exception` of a plugin holds it up."""


def _patience_of(plugin: Any) -> float:
    seconds = plugin.infer_timeout
    if seconds is None:
        return threading.TIMEOUT_MAX
    if not seconds > 0:
        raise InvalidArgumentError(f"[infer] infer_timeout is {seconds!r}, expected seconds or None")
    return min(float(seconds), threading.TIMEOUT_MAX)
