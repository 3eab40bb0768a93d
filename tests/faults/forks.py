"""Several tasks at once, each in a forked copy of this process as it stands: its memory, and a database in that memory.

A copy changes nothing of ours: whatever its task does ends with it. This process must run one thread only.
"""

import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, TypeVar
from unittest.mock import patch

import typst

T = TypeVar("T")
R = TypeVar("R")


def each(tasks: Iterable[T], work: Callable[[T], R], *, at_once: int = 2, seconds: int = 600) -> list[R | None]:
    """Return the result of each task, in order: see `as_they_end`."""
    results = dict(as_they_end(tasks, work, at_once=at_once, seconds=seconds))
    return [results[number] for number in sorted(results)]


def as_they_end(
    tasks: Iterable[T], work: Callable[[T], R], *, at_once: int = 2, seconds: int = 600
) -> Iterator[tuple[int, R | None]]:
    """Give the place and the result of each task as it ends; `None` for one that raised, died, or used the processor for longer than `seconds`.

    One that only waits ends after ten times as long.
    """
    waiting = list(enumerate(tasks))[::-1]
    running: dict[Connection, tuple[int, int]] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            number, task = waiting.pop()
            here, pid = _fork(lambda task=task: work(task), seconds)  # type: ignore[misc]  # (bound at once)
            running[here] = (number, pid)
        for ready in wait(list(running)):
            assert isinstance(ready, Connection)
            number, pid = running.pop(ready)
            result = _received(ready)
            os.waitpid(pid, 0)
            yield number, result


@contextmanager
def papers_in_copies() -> Iterator[None]:
    """Let each paper be made in a copy: what typst starts once in a process is not there in its copies, which would wait for it."""

    class Compiler:
        def __init__(self, *given: Any, **named: Any) -> None:
            self.given, self.named = given, named

        def compile(self, **wanted: Any) -> bytes:
            made = each([wanted], lambda one: typst_compiler(*self.given, **self.named).compile(**one))[0]
            assert isinstance(made, bytes)
            return made

    typst_compiler = typst.Compiler
    with patch.object(typst, "Compiler", Compiler):
        yield


def _fork(work: Callable[[], Any], seconds: int) -> tuple[Connection, int]:
    here, there = Pipe(duplex=False)
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        there.close()
        return here, pid
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds + int(sum(os.times()[:2])), resource.RLIM_INFINITY))
        signal.alarm(10 * seconds)
        there.send_bytes(pickle.dumps(work()))
    except BaseException:  # noqa: BLE001 (a copy ends here, whatever happened; its caller is told nothing came)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _received(connection: Connection) -> Any:
    try:
        return pickle.loads(connection.recv_bytes())  # noqa: S301 (from our own copy)
    except EOFError:
        return None
    finally:
        connection.close()
