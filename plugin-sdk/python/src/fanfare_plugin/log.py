"""Lines for the daemon's log. The host adds the channel and the delivery to each.

    log.info("sent", user=7)

What is printed goes to the same place.
"""

from . import _host


def trace(message: str, /, **fields: object) -> None:
    _log("trace", message, fields)


def debug(message: str, /, **fields: object) -> None:
    _log("debug", message, fields)


def info(message: str, /, **fields: object) -> None:
    _log("info", message, fields)


def warn(message: str, /, **fields: object) -> None:
    _log("warn", message, fields)


def error(message: str, /, **fields: object) -> None:
    _log("error", message, fields)


def _log(level: str, message: str, fields: dict[str, object]) -> None:
    _host.current.log(level, message, [(name, str(value)) for name, value in fields.items()])
