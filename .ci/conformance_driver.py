"""A conformance runner's driver for libaccelerant: open, execute, close over the C interface, by ctypes.

The library is `ACCELERANT_LIBRARY`, or what `swift build` left last below `.build`. The runner and its data stand wherever
`ACCELERANT_CONFORMANCE` says; a runner that loads this file puts its own folder on the path by itself.
"""
import ctypes
import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
if os.environ.get("ACCELERANT_CONFORMANCE"):
    sys.path.insert(0, os.environ["ACCELERANT_CONFORMANCE"])


def find_library():
    named = os.environ.get("ACCELERANT_LIBRARY")
    if named:
        return named
    build = os.path.join(os.path.dirname(HERE), ".build")
    found = [p for kind in ("release", "debug") for p in glob.glob(os.path.join(build, kind, "libaccelerant.so"))]
    if not found:
        raise RuntimeError("no libaccelerant.so: build it, or set ACCELERANT_LIBRARY")
    return max(found, key=os.path.getmtime)


def load():
    library = ctypes.CDLL(find_library())
    pointer, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
    library.accelerant_open.argtypes = [text, size, ctypes.POINTER(pointer), ctypes.POINTER(pointer)]
    library.accelerant_open.restype = ctypes.c_int32
    library.accelerant_close.argtypes = [pointer]
    library.accelerant_close.restype = None
    library.accelerant_query.argtypes = [pointer, text, size, ctypes.POINTER(pointer)]
    library.accelerant_query.restype = ctypes.c_int32
    for name in ("accelerant_reply_data", "accelerant_reply_error"):
        getattr(library, name).argtypes = [pointer, ctypes.POINTER(size)]
        getattr(library, name).restype = pointer
    library.accelerant_reply_free.argtypes = [pointer]
    library.accelerant_reply_free.restype = None
    return library


LIBRARY = None


def library():
    global LIBRARY
    if LIBRARY is None:
        LIBRARY = load()
    return LIBRARY


def document(accessor, reply):
    """The JSON that an accessor of a reply gives, or None and False."""
    size = ctypes.c_size_t()
    start = accessor(reply, ctypes.byref(size))
    if not start:
        return None, False
    return json.loads(ctypes.string_at(start, size.value)), True


class Handle:
    def __init__(self, schema, url):
        self.client = ctypes.c_void_p()
        reply = ctypes.c_void_p()
        config = json.dumps({"schema": schema, "datasourceUrl": url}).encode()
        status = library().accelerant_open(config, len(config), ctypes.byref(self.client), ctypes.byref(reply))
        error, _ = document(library().accelerant_reply_error, reply) if reply else (None, False)
        library().accelerant_reply_free(reply)
        if status:
            raise RuntimeError("open: %s" % error)

    def query(self, request):
        text = json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass")
        reply = ctypes.c_void_p()
        status = library().accelerant_query(self.client, text, len(text), ctypes.byref(reply))
        try:
            if status == 0:
                return {"data": document(library().accelerant_reply_data, reply)[0]}
            return {"error": document(library().accelerant_reply_error, reply)[0] or {"code": None, "message": "status %d" % status}}
        finally:
            library().accelerant_reply_free(reply)

    def close(self):
        library().accelerant_close(self.client)
        self.client = ctypes.c_void_p()


def open(schema, database_url):
    return Handle(schema, database_url)


def execute(handle, request):
    if request.get("operation") in ("queryRaw", "executeRaw"):
        request = {"operation": "$" + request["operation"], "args": request["args"]}
    return handle.query(request)


def transaction(handle, requests, isolation):
    args = {"requests": requests}
    if isolation:
        args["isolationLevel"] = isolation
    answer = handle.query({"operation": "$transaction", "args": args})
    return [{"data": data} for data in answer["data"]] if "data" in answer else answer


def close(handle):
    handle.close()
