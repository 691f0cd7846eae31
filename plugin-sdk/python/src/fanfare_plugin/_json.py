"""JSON to the letter: no `NaN` and no `Infinity`, in either direction."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
_encoder = json.JSONEncoder(allow_nan=False)


def loads(text: str | bytes) -> Any:
    """A `ValueError` if it is not JSON, or nested too deeply to be read."""
    try:
        return _decoder.decode(text if isinstance(text, str) else text.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def dumps(value: Any) -> str:
    try:
        return _encoder.encode(value)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
