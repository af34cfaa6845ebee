"""Python values in requests, and Python values out of answers."""
from .base64 import Base64
from .values import AnyNull, DbNull, FieldRef, Json, JsonNull, datetime_from, decimal_from, encode

__all__ = ["AnyNull", "Base64", "DbNull", "FieldRef", "Json", "JsonNull", "datetime_from", "decimal_from", "encode"]
