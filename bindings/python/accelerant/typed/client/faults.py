"""Where the fault of a request is, in the words of Prisma Client Python: `createOneUser.data.nam`."""
from __future__ import annotations

import json
import re
from typing import Any, Dict, Union

from ...errors import FieldNotFoundError

#: What the engine of Prisma calls operations that are not called so themselves.
_ROOTS = {"create": "createOne", "update": "updateOne", "upsert": "upsertOne", "delete": "deleteOne", "count": "aggregate"}


def located(error: FieldNotFoundError, request: Union[bytes, Dict[str, Any]]) -> FieldNotFoundError:
    """The error, whose message names model and operation, too."""
    asked = json.loads(request) if isinstance(request, bytes) else request
    path = error.meta.get("path")
    # Why not the classes below it: these say more, and the field is there.
    if type(error) is not FieldNotFoundError or not isinstance(path, str) or "model" not in asked:
        return error
    steps = [step for step in re.sub(r"\[\d+\]", "", path).split(".")[1:] if step != "include"]
    root = _ROOTS.get(asked["operation"], asked["operation"]) + str(asked["model"])
    error.args = (f"{error.message} Could not find field at `{'.'.join([root, *steps])}`",)
    return error
