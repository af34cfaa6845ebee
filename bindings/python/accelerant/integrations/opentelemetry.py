"""Spans of OpenTelemetry for a client's calls, by the conventions for databases. Takes the package `opentelemetry-api`.

    db.connect()
    instrument(db)

A span is called `findMany User`. Its trace goes on in the library's log and, where it is sampled, in the comments of its statements.
"""
from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, Optional

from opentelemetry import trace  # type: ignore[import-not-found,unused-ignore]

from ..errors import PrismaError

#: What is no call on the database.
_UNTRACED = frozenset({"$log.take", "$metrics", "$schema", "$clock.advance"})


def instrument(client: Any, tracer_provider: Optional[Any] = None) -> None:
    """Makes spans of all further calls of a connected client, generated or not. Connecting again takes instrumenting again."""
    engine = client._connected() if hasattr(client, "_connected") else client
    tracer = trace.get_tracer("accelerant", tracer_provider=tracer_provider)
    # Why: the shortest way to a cached answer would leave no span.
    engine._codec.quick = None
    for model in getattr(engine, "_models", {}).values():
        model._quick = None
    for name in ("_run", "_run_with_info"):
        traced = _traced(getattr(engine, name), tracer)
        setattr(engine, name, traced)
        # Why: the models of a dynamic client have each the way that their requests go.
        for model in getattr(engine, "_models", {}).values():
            (model if name == "_run" else model._with_info)._run = traced


def _traced(run: Callable[..., Any], tracer: Any) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(run):

        async def awaited(request: Dict[str, Any], decode: Any) -> Any:
            if request["operation"] in _UNTRACED:
                return await run(request, decode)
            with _span(tracer, request) as span:
                try:
                    return await run({**request, **_parent(span)}, decode)
                except PrismaError as error:
                    _tell(span, error)
                    raise

        return awaited

    def called(request: Dict[str, Any], decode: Any) -> Any:
        if request["operation"] in _UNTRACED:
            return run(request, decode)
        with _span(tracer, request) as span:
            try:
                return run({**request, **_parent(span)}, decode)
            except PrismaError as error:
                _tell(span, error)
                raise

    return called


def _span(tracer: Any, request: Dict[str, Any]) -> Any:
    operation, model = str(request["operation"]), request.get("model")
    summary = f"{operation} {model}" if model else operation
    attributes = {"db.system.name": "postgresql", "db.operation.name": operation, "db.query.summary": summary}
    if model:
        attributes["db.collection.name"] = model
    if operation in ("$queryRaw", "$executeRaw"):
        attributes["db.query.text"] = request["args"]["query"]
    return tracer.start_as_current_span(summary, kind=trace.SpanKind.CLIENT, attributes=attributes)


def _parent(span: Any) -> Dict[str, str]:
    """The member of a request that names its trace."""
    context = span.get_span_context()
    if not context.is_valid:
        return {}
    return {"traceparent": f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"}


def _tell(span: Any, error: PrismaError) -> None:
    span.set_attribute("error.type", type(error).__name__)
    code = error.meta.get("sqlState") or error.code
    if code:
        span.set_attribute("db.response.status_code", code)
