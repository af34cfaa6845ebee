"""The library's counters, gauges and histograms as records."""
from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Union


class HistogramBucket(NamedTuple):
    max_value: float
    total_count: int


class MetricHistogram(NamedTuple):
    sum: float
    count: int  # type: ignore[assignment]
    buckets: List[HistogramBucket]


class Metric(NamedTuple):
    key: str
    #: A number; of a histogram a `MetricHistogram`.
    value: Any
    labels: Dict[str, str]
    description: str


class Metrics(NamedTuple):
    counters: List[Metric]
    gauges: List[Metric]
    histograms: List[Metric]


def labelled(answer: Any, labels: Optional[Dict[str, str]]) -> Union[str, Metrics]:
    """Metrics with further labels: records, or Prometheus text."""
    if isinstance(answer, str):
        return answer if not labels else "\n".join(_labelled_line(line, labels) for line in answer.split("\n"))
    return Metrics(*([_metric(item, labels or {}) for item in answer.get(name, [])] for name in Metrics._fields))


def _metric(item: Dict[str, Any], labels: Dict[str, str]) -> Metric:
    value = item["value"]
    if isinstance(value, dict):
        value = MetricHistogram(value["sum"], value["count"], [HistogramBucket(*bucket) for bucket in value["buckets"]])
    return Metric(item["key"], value, {**item.get("labels", {}), **labels}, item.get("description", ""))


def _labelled_line(line: str, labels: Dict[str, str]) -> str:
    if not line or line.startswith("#"):
        return line
    text = ",".join('{}="{}"'.format(name, value.replace("\\", "\\\\").replace('"', '\\"')) for name, value in labels.items())
    name, rest = line.split(" ", 1)
    if name.endswith("}"):
        return f"{name[:-1]},{text}}} {rest}"
    return f"{name}{{{text}}} {rest}"
