"""The positions of the values in a JSON text, so that some can be changed and the rest stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

REMOVED = None
"""The replacement of a value that is removed together with its name."""

_TOKEN = re.compile(r'[ \t\n\r]*("(?:[^"\\]|\\.)*"|[][{}:,]|[^][{}:," \t\n\r]+)')


@dataclass(slots=True)
class Member:
    name: str | None
    """None for a list's items."""
    begin: int
    """Where its name begins or, in a list, its value."""
    value: Value


@dataclass(slots=True)
class Value:
    start: int
    end: int = 0
    members: list[Member] = field(default_factory=list)
    is_list: bool = False

    def named(self, name: str) -> list[Value]:
        """The members with that name, or the list's item with that index. `*` matches all."""
        if name == "*":
            return [member.value for member in self.members]
        if self.is_list:
            return [self.members[int(name)].value] if name.isdecimal() and int(name) < len(self.members) else []
        return [member.value for member in self.members if member.name == name]


def scan(text: str) -> Value:
    """Parses the whole text. Raises `ValueError` if it is not JSON."""
    try:
        # Numbers stay text, because they may have more digits than any type can represent.
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
        return _scan(text, 0)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def write(text: str, value: Value, changes: Mapping[int, str | None]) -> str:
    """The value's text with other values, keyed by the position where the old one starts."""
    kept = [member for member in value.members if changes.get(member.value.start, "") is not REMOVED]
    if not value.members:
        return text[value.start : value.end]
    before = {id(member): last.value.end for last, member in zip(value.members, value.members[1:])}
    parts = [text[value.start : value.members[0].begin]]
    for member in kept:
        if member is not kept[0]:
            parts.append(text[before[id(member)] : member.begin])
        parts.append(text[member.begin : member.value.start])
        new = changes.get(member.value.start)
        parts.append(write(text, member.value, changes) if new is None else new)
    parts.append(text[value.members[-1].value.end : value.end])
    return "".join(parts)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _token(text: str, at: int) -> re.Match[str]:
    found = _TOKEN.match(text, at)
    if found is None:
        raise ValueError("it ends too early")
    return found


def _scan(text: str, at: int) -> Value:
    token = _token(text, at)
    value = Value(token.start(1), token.end(1))
    if token[1] not in "{[":
        return value
    value.is_list = token[1] == "["
    while (token := _token(text, value.end))[1] not in "}]":
        if token[1] == ",":
            token = _token(text, token.end())
        begin, name, at = token.start(1), None, token.start(1)
        if not value.is_list:
            name, at = json.loads(token[1]), _token(text, token.end()).end()
        member = Member(name, begin, _scan(text, at))
        value.members.append(member)
        value.end = member.value.end
    value.end = token.end()
    return value
