"""Bytes as the generated client gives and takes them."""
from __future__ import annotations

import base64
from typing import Any, Union


class Base64:
    """Binary data, kept in base64 as it travels: `Base64.encode(b"…")` to write, `.decode()` to read; `bytes(value)` likewise."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @classmethod
    def encode(cls, value: Union[bytes, bytearray, memoryview]) -> "Base64":
        """Of plain bytes."""
        return cls(base64.b64encode(value))

    @classmethod
    def fromb64(cls, value: Union[str, bytes]) -> "Base64":
        """Of what is in base64 already."""
        return cls(value if isinstance(value, bytes) else value.encode("ascii"))

    def decode(self) -> bytes:
        """The plain bytes."""
        return base64.b64decode(self._raw)

    def decode_str(self, encoding: str = "utf-8") -> str:
        """The text that the bytes are."""
        return self.decode().decode(encoding)

    def __bytes__(self) -> bytes:
        return self.decode()

    def __str__(self) -> str:
        return self._raw.decode("ascii")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._raw!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Base64):
            return self._raw == other._raw
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._raw)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema  # type: ignore[import-not-found,unused-ignore]

        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return {"type": "string", "format": "byte"}

    @classmethod
    def _validate(cls, value: Any) -> "Base64":
        if isinstance(value, Base64):
            return value
        if isinstance(value, (str, bytes)):
            return cls.fromb64(value)
        raise ValueError("neither a Base64 nor a text or bytes in base64")
