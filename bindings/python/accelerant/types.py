"""The arguments of the eight reads, for editors and type checkers.

Argument names are Python's (`order_by`); what stands inside them is Prisma's (`{"email": {"startsWith": "a"}}`).
"""
from __future__ import annotations

import datetime
from typing import Any, Dict, List, Literal, NamedTuple, Sequence, TypedDict, Union

Record = Dict[str, Any]
Where = Dict[str, Any]
Selection = Dict[str, Any]
Order = Union[Dict[str, Any], Sequence[Dict[str, Any]]]


class CacheStrategy(TypedDict, total=False):
    """For how long an answer may be used again."""

    #: Seconds in which it counts as fresh.
    ttl: int
    #: Seconds after those in which it is still given at once, while one refresh runs.
    swr: int
    #: Seconds after those in which it is given when the database cannot be asked.
    staleIfError: int
    #: What `invalidate` can call it by.
    tags: List[str]
    #: Whether writes through the same client drop it by themselves.
    auto: bool


class TierConfig(TypedDict, total=False):
    """`tier` of a `CacheConfig`: a Redis or Valkey behind the caches of many processes."""

    #: `redis://user:password@host:6379/0`, several hosts with commas between, or `unix:///path?db=0`. It is needed.
    url: str
    #: What all its keys begin with, `accelerant` unless given. Invalidations reach those of the same prefix.
    prefix: str
    #: Milliseconds that a miss waits for the tier at most, 10 unless given.
    timeout_ms: int
    #: Larger answers are not stored there.
    max_entry_bytes: int
    #: Whether the own cache hears of other processes' invalidations through the tier, as it does unless told otherwise.
    listen: bool
    #: 32 bytes, as base64 or hexadecimal digits: answers are sealed with it.
    key: str


class CacheConfig(TypedDict, total=False):
    """`cache` of a client: docs/reference/configuration.md has the limits of each."""

    #: Clients of one process with the same name share one cache.
    name: str
    #: What the cache may take, overhead included.
    max_bytes: int
    #: Larger answers are not stored.
    max_entry_bytes: int
    #: Whether reads with a `cache_strategy` are dropped by writes through the same client.
    auto: bool
    #: Whether they are dropped by other programs' writes, through triggers.
    listen: bool
    listen_timeout_ms: int
    tier: TierConfig
    #: A file that keeps the cache between two runs.
    snapshot: str
    #: How often it is written, beside when the client is closed.
    snapshot_minutes: int
    #: What is served of it: what the tier confirms, or whatever `ttl` and `swr` allow.
    snapshot_trust: Literal["tier", "ttl"]


class AccelerateInfo(NamedTuple):
    """Where an answer came from."""

    cache_status: Literal["ttl", "swr", "miss", "none"]
    #: When the data was read from the database.
    last_modified: datetime.datetime
    region: str
    #: Different for each call.
    request_id: str
    #: The same for the same query, everywhere.
    signature: str
    #: An old answer, given because the database could not be asked.
    stale_if_error: bool = False


class Answer(NamedTuple):
    """An answer and its info."""

    data: Any
    info: AccelerateInfo


class LoggedEvent(TypedDict, total=False):
    """What was logged: a statement of level `query`, or what else there is to say."""

    timestamp: datetime.datetime
    level: Literal["query", "info", "warn", "error"]
    #: The part of the library that tells it: `database`, `pool`, `request`, `refresh`.
    target: str
    #: The SQL text, and its parameters as the text of a JSON list where the configuration asks for them.
    query: str
    params: str
    #: Milliseconds from sending a statement, or from the answer to the one before in the same round trip, to its own.
    duration: float
    rows: int
    #: Of a statement that failed: its SQLSTATE, or `timeout`, `lost`, `closed`.
    error: str
    message: str
    code: str
    meta: Dict[str, Any]
    #: The same for all events of one request.
    request: int
    traceparent: str
    #: A text was too long to be kept whole.
    truncated: bool


class LoggedEvents(NamedTuple):
    """Events, the oldest first, and how many were lost before them because nobody took them."""

    events: List[LoggedEvent]
    dropped: int


class _CommonArgs(TypedDict, total=False):
    cache_strategy: Union[CacheStrategy, None]
    #: A time limit for this call alone.
    timeout_ms: int
    #: W3C Trace Context, for the log and, where the trace is sampled, the server.
    traceparent: str


class _SelectionArgs(_CommonArgs, total=False):
    select: Selection
    include: Selection
    omit: Dict[str, bool]
    relation_load_strategy: Literal["join", "query"]


class _PageArgs(TypedDict, total=False):
    where: Where
    order_by: Order
    take: int
    skip: int


class _CursorArgs(_PageArgs, total=False):
    cursor: Dict[str, Any]


class _AggregateArgs(TypedDict, total=False):
    _count: Union[bool, Dict[str, bool]]
    _avg: Dict[str, bool]
    _sum: Dict[str, bool]
    _min: Dict[str, bool]
    _max: Dict[str, bool]


class FindUniqueArgs(_SelectionArgs, total=False):
    where: Where


class FindManyArgs(_SelectionArgs, _CursorArgs, total=False):
    distinct: Union[str, Sequence[str]]


class CountArgs(_CommonArgs, _CursorArgs, total=False):
    select: Dict[str, bool]


class AggregateArgs(_CommonArgs, _CursorArgs, _AggregateArgs, total=False):
    pass


class GroupByArgs(_CommonArgs, _PageArgs, _AggregateArgs, total=False):
    by: Union[str, Sequence[str]]
    having: Dict[str, Any]


class _ReturnedArgs(TypedDict, total=False):
    select: Selection
    include: Selection
    omit: Dict[str, bool]
    #: A time limit for this call alone.
    timeout_ms: int
    traceparent: str


class CreateArgs(_ReturnedArgs, total=False):
    data: Dict[str, Any]


class UpdateArgs(_ReturnedArgs, total=False):
    where: Where
    data: Dict[str, Any]


class UpsertArgs(_ReturnedArgs, total=False):
    where: Where
    create: Dict[str, Any]
    update: Dict[str, Any]


class DeleteArgs(_ReturnedArgs, total=False):
    where: Where


class CreateManyArgs(TypedDict, total=False):
    data: Union[Dict[str, Any], Sequence[Dict[str, Any]]]
    skip_duplicates: bool
    timeout_ms: int
    traceparent: str


class CreateManyAndReturnArgs(_ReturnedArgs, total=False):
    data: Union[Dict[str, Any], Sequence[Dict[str, Any]]]
    skip_duplicates: bool


class UpdateManyArgs(TypedDict, total=False):
    where: Where
    data: Dict[str, Any]
    limit: int
    timeout_ms: int
    traceparent: str


class UpdateManyAndReturnArgs(_ReturnedArgs, total=False):
    where: Where
    data: Dict[str, Any]
    limit: int


class DeleteManyArgs(TypedDict, total=False):
    where: Where
    limit: int
    timeout_ms: int
    traceparent: str
