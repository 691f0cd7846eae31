"""Numbers for the daemon's metrics, exported as `fanfare_plugin_<name>`. They count only if the attempt delivers.

Names are `[a-z][a-z0-9_]*`. Keep the number of different label values small and bounded: each combination is a time series
of its own.
"""

from . import _host


def counter(name: str, value: float = 1, /, **labels: str) -> None:
    """Adds to a counter. Negative values and NaN are dropped."""
    _host.current.measure("counter", name, float(value), list(labels.items()))


def gauge(name: str, value: float, /, **labels: str) -> None:
    """Sets a gauge."""
    _host.current.measure("gauge", name, float(value), list(labels.items()))


def histogram(name: str, value: float, /, **labels: str) -> None:
    """Observes a value in a histogram."""
    _host.current.measure("histogram", name, float(value), list(labels.items()))
