"""Python values in requests, and Python values out of answers."""
from .values import AnyNull, DbNull, FieldRef, Json, JsonNull, datetime_from, decimal_from, encode

__all__ = ["AnyNull", "DbNull", "FieldRef", "Json", "JsonNull", "datetime_from", "decimal_from", "encode"]
