"""Accelerant in other libraries: pytest, logging, OpenTelemetry. Each is imported by whoever wants it."""
