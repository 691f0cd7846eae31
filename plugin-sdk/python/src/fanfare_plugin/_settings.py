"""The channel's settings, as its operator wrote them.

The host hands them over flat, a nested key joined by dots and every value as text.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, Union, cast, get_args, get_origin, get_type_hints, overload

from . import _host
from ._failure import Failure

T = TypeVar("T")

# The operator's table for what runs, so that an error can name the key as the operator wrote it.
table = "channels.<name>"

_EXPECTED = {int: "a whole number", float: "a number"}


class Settings(dict[str, Any]):
    """A table of settings. A key that is missing is a rejecting `Failure` that names it."""

    def __init__(self, members: dict[str, Any], path: str) -> None:
        super().__init__(members)
        self._path = path

    def __missing__(self, key: str) -> NoReturn:
        _missing(f"{self._path}.{key}")


@overload
def settings() -> Settings: ...
@overload
def settings(shape: type[T]) -> T: ...
def settings(shape: type[T] | None = None) -> Settings | T:
    """The settings as nested dicts and lists of text, or read into a dataclass.

        @dataclass
        class Config:
            url: str
            limit: int = 10
            headers: dict[str, str] = field(default_factory=dict)

        config = settings(Config)

    A field may be `str`, `int`, `float`, `bool`, a `Literal` of texts, another dataclass, `dict[str, …]`, `list[…]` or any
    of these `| None`. An empty table or list leaves no trace, so give such a field a default. What is missing or of another
    type is a rejecting `Failure` with the code `invalid_settings` that names the key.
    """
    tree: dict[str, Any] = {}
    for key, value in _host.current.settings():
        *tables, last = key.split(".")
        node = tree
        for table in tables:
            node = node.setdefault(table, {})
        node[last] = value
    if shape is None:
        return Settings({name: _plain(node, f".{name}") for name, node in tree.items()}, "")
    return cast(T, _read(tree, shape, ""))


def setting(key: str) -> str | None:
    """One setting as text under its flat key, such as `headers.x-env`; `None` when the operator has not set it."""
    return dict(_host.current.settings()).get(key)


def _plain(node: Any, path: str) -> Any:
    if isinstance(node, str):
        return node
    items = _items(node)
    if items:
        return [_plain(item, f"{path}.{number}") for number, item in enumerate(items)]
    return Settings({name: _plain(member, f"{path}.{name}") for name, member in node.items()}, path)


def _items(node: dict[str, Any]) -> list[Any] | None:
    """The members of a list in their order: their names are 0, 1, 2 and so on."""
    items = [node.get(str(number)) for number in range(len(node))]
    return None if None in items else items


def _read(node: Any, shape: Any, path: str) -> Any:
    origin, args = get_origin(shape), get_args(shape)
    if shape is Any:
        return _plain(node, path)
    if origin in (Union, UnionType):
        return _read(node, next(arg for arg in args if arg is not NoneType), path)
    if is_dataclass(shape):
        return _read_dataclass(_table(node, path), shape, path)
    if (origin or shape) is dict:
        member = args[1] if args else Any
        return {name: _read(value, member, f"{path}.{name}") for name, value in _table(node, path).items()}
    if (origin or shape) is list:
        items = _items(_table(node, path))
        if items is None:
            _wrong(path, "is a table; it must be a list")
        return [_read(item, args[0] if args else Any, f"{path}.{number}") for number, item in enumerate(items)]
    if not isinstance(node, str):
        _wrong(path, "is a table or a list; it must be a single value")
    if origin is Literal:
        if node not in args:
            _wrong(path, f"is `{node}`; it must be one of {', '.join(args)}")
        return node
    if shape is bool:
        if node not in ("true", "false"):
            _wrong(path, f"is `{node}`; it must be true or false")
        return node == "true"
    try:
        return shape(node)
    except ValueError:
        _wrong(path, f"is `{node}`; it must be {_EXPECTED.get(shape, f'a {shape.__name__}')}")


def _read_dataclass(table: dict[str, Any], shape: Any, path: str) -> Any:
    members = {}
    for field in fields(shape):
        if field.name in table:
            # Text if the author's module postpones its annotations. Resolving them takes long.
            of = get_type_hints(shape)[field.name] if isinstance(field.type, str) else field.type
            members[field.name] = _read(table[field.name], of, f"{path}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            _missing(f"{path}.{field.name}")
    return shape(**members)


def _table(node: Any, path: str) -> dict[str, Any]:
    if not isinstance(node, dict):
        _wrong(path, f"is `{node}`; it must be a table or a list")
    return node


def _missing(path: str) -> NoReturn:
    _wrong(path, "is missing: set it in the daemon's config")


def _wrong(path: str, what: str) -> NoReturn:
    raise Failure.reject("invalid_settings", f"`{table}.settings{path}` {what}")
