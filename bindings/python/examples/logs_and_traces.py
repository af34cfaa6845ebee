"""Statements in `logging`, and spans in OpenTelemetry: `python logs_and_traces.py`."""
from __future__ import annotations

import logging

from accelerant.integrations.logs import LogDrain
from accelerant.integrations.opentelemetry import instrument
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from shop_client.sync import Prisma


def main() -> None:
    logging.basicConfig(level=logging.DEBUG, format="%(name)s %(levelname)s %(message)s")
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=lambda span: f"span {span.name}\n")))
    trace.set_tracer_provider(provider)

    with Prisma(log=["query", "warn", "error"]) as db, LogDrain(db):
        instrument(db)
        with trace.get_tracer("shop").start_as_current_span("register"):
            db.user.create({"name": "Robert"})
            db.user.count()


if __name__ == "__main__":
    main()
