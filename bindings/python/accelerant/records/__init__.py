"""Records of the generated client, and the description by which answers become such."""
from .field import Field, fields_of
from .record import Record, make

__all__ = ["Field", "Record", "fields_of", "make"]
