"""The driver that the conformance runner loads: requests go to the library through the Python package's lowest level.

While the library has no writes, `create` is carried out by SQL, so that the reads which follow can be run.
"""
import ctypes
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "bindings", "python"), os.path.join(ROOT, ".ci")]

from accelerant.library import library  # noqa: E402

lib = library()


class Handle:
    """An open client, and what carries out the creates of its cases."""

    def __init__(self, schema, url):
        self.schema, self.url = schema, url
        text = json.dumps({"schema": schema, "datasourceUrl": url}).encode()
        client, reply = ctypes.c_void_p(), ctypes.c_void_p()
        status = lib.open(text, len(text), ctypes.byref(client), ctypes.byref(reply))
        error = lib.reply_error(reply, None)
        lib.reply_free(reply)
        if status != 0:
            raise RuntimeError((error or b"").decode())
        self.client = client.value
        self._creator = None

    def execute(self, request):
        text = json.dumps(request).encode()
        reply = ctypes.c_void_p()
        status = lib.query(self.client, text, len(text), ctypes.byref(reply))
        try:
            if status == 0:
                return {"data": json.loads(lib.reply_data(reply, None))}
            return {"error": json.loads(lib.reply_error(reply, None))}
        finally:
            lib.reply_free(reply)

    def create(self, request):
        if self._creator is None:
            from conformance_create import Creator
            self._creator = Creator(self.schema, self.url)
        return {"data": self._creator.create(request["model"], request["args"]["data"])}

    def close(self):
        lib.close(self.client)
        if self._creator is not None:
            self._creator.close()


def open(schema, database_url):
    return Handle(schema, database_url)


def execute(handle, request):
    operation = request.get("operation")
    if operation in ("queryRaw", "executeRaw"):
        request = dict(request, operation="$" + operation)
    answer = handle.execute(request)
    # The library's own answer counts as soon as it knows the operation.
    if operation == "create" and answer.get("error", {}).get("meta", {}).get("path") == "operation":
        try:
            return handle.create(request)
        except Exception as error:
            return {"error": {"code": None, "message": f"create by SQL: {error}"}}
    return answer


def close(handle):
    handle.close()
