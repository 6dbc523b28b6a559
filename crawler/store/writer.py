"""Does work in a thread of its own, and what waits at the same time in one transaction: commits cost most."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.orm import Session

from crawler.errors import DatabaseTroubleError

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

T = TypeVar("T")

MOST_AT_ONCE = 64
"""Pieces of work in one transaction, so that the first of them does not wait for ever more."""


@dataclass(frozen=True, slots=True)
class _Task:
    work: Callable[[Session], Any]
    done: Future[Any] = field(default_factory=Future)


class Writer:
    """The writer thread of an engine. What they did is committed, or raised, by the time a future says so."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[_Task] = SimpleQueue()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Have a piece of work done. If it fails, what it wrote is undone; its neighbours in the transaction stand."""
        task = _Task(work)
        self._waiting.put(task)
        self._thread.submit(self._do_waiting)
        return task.done

    def close(self) -> None:
        """End when all that was submitted is done."""
        self._thread.shutdown()

    def _do_waiting(self) -> None:
        group = self._take()
        if not group:  # done along with an earlier one
            return
        try:
            with self._engine.begin() as connection:
                outcomes = [_attempt(task.work, connection) for task in group]
        except BaseException as error:  # noqa: BLE001  # whatever kept it from being committed, it is raised there
            outcomes = [(None, error)] * len(group)
        for task, (result, failure) in zip(group, outcomes, strict=True):
            if failure is None:
                task.done.set_result(result)
            else:
                task.done.set_exception(failure)

    def _take(self) -> list[_Task]:
        group: list[_Task] = []
        try:
            while len(group) < MOST_AT_ONCE:
                task = self._waiting.get_nowait()
                if task.done.set_running_or_notify_cancel():
                    group.append(task)
        except Empty:
            pass
        return group


def _attempt(work: Callable[[Session], T], connection: sa.Connection) -> tuple[T | None, BaseException | None]:
    """Do a piece of work behind a savepoint, in a session that remembers nothing of its neighbours."""
    try:
        session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        with session, session.begin():
            return work(session), None
    except DatabaseTroubleError:  # none of the others in this transaction can be written either
        raise
    except BaseException as error:  # noqa: BLE001  # raised where the work was asked for
        return None, error
