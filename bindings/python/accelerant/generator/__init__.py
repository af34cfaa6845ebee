"""Writes the package of a generated client: `python -m accelerant generate`."""
from .generate import generate

__all__ = ["generate"]
