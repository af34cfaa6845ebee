"""Values of requests and answers that Python has no class for."""
from .base64 import Base64
from .values import AnyNull, DbNull, FieldRef, Json, JsonNull

__all__ = ["AnyNull", "Base64", "DbNull", "FieldRef", "Json", "JsonNull"]
