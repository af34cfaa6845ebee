"""What the library logs, in the standard `logging`: as records of the loggers `accelerant.database`, `accelerant.pool` and so on.

    with LogDrain(db):                      # db = Prisma(log=["query", "warn", "error"])
        …
    async with AsyncLogDrain(db):
        …

A statement is of level DEBUG. A record's `accelerant` is the event: `record.accelerant["duration"]`.
"""
from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any, Dict, Optional

LEVELS = {"query": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}


def emit(events: Any, logger: str = "accelerant") -> None:
    """Makes log records of what `take_log` gave."""
    if events.dropped:
        logging.getLogger(logger).warning("%d events were lost: nobody took them in time", events.dropped)
    for event in events.events:
        target = logging.getLogger(f"{logger}.{event.get('target', 'database')}")
        level = LEVELS.get(event["level"], logging.INFO)
        if target.isEnabledFor(level):
            target.handle(_record(target, level, event))


def _record(target: logging.Logger, level: int, event: Dict[str, Any]) -> logging.LogRecord:
    text = event.get("message") or event.get("query") or ""
    if "duration" in event:
        text = f"{text} ({event['duration']:.3f} ms)"
    record = target.makeRecord(target.name, level, "(accelerant)", 0, text, (), None, extra={"accelerant": event})
    # The moment that it was logged at, not that it was taken at.
    record.created = event["timestamp"].timestamp()
    record.msecs = event["timestamp"].microsecond // 1000
    return record


class LogDrain:
    """Takes the log of a client whose calls wait, again and again, on a thread of its own. What is left at the end is taken, too."""

    def __init__(self, client: Any, *, logger: str = "accelerant", seconds: float = 0.5) -> None:
        self._client = client
        self._logger = logger
        self._seconds = seconds
        self._end = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def start(self) -> None:
        self._end.clear()
        self._thread = threading.Thread(target=self._run, name="accelerant log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._end.set()
            thread.join()
            emit(self._client.take_log(), self._logger)

    def _run(self) -> None:
        while not self._end.wait(self._seconds):
            try:
                emit(self._client.take_log(), self._logger)
            except Exception:
                logging.getLogger(self._logger).exception("the log could not be taken")

    def __enter__(self) -> "LogDrain":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


class AsyncLogDrain:
    """The same for a client of asyncio, as a task."""

    def __init__(self, client: Any, *, logger: str = "accelerant", seconds: float = 0.5) -> None:
        self._client = client
        self._logger = logger
        self._seconds = seconds
        self._task: Optional["asyncio.Task[None]"] = None

    async def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            emit(await self._client.take_log(), self._logger)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                emit(await self._client.take_log(), self._logger)
            except Exception:
                logging.getLogger(self._logger).exception("the log could not be taken")

    async def __aenter__(self) -> "AsyncLogDrain":
        await self.start()
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.stop()
