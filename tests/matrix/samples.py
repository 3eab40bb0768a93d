"""A record for any command, filled by its types and the names of its fields, so that a new command is tried by itself."""

import inspect
import re
import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

from accounts.access.unit import Command
from accounts.kernel.clock import now, today

PLAIN: Mapping[type, Any] = {
    str: "Un texte assez long pour être lu",
    int: 1,
    bool: True,
    float: 1.0,
    Decimal: Decimal(1),
    bytes: b"essai",
    timedelta: timedelta(minutes=5),
}


def record_for(made: Command[Any], ids: Mapping[str, Any]) -> Any:
    """Return an input of a command; a field named as one of `ids` (a set: in the plural) holds it, another id names nothing."""
    kind = get_type_hints(made.body)[next(iter(inspect.signature(made.body).parameters))]
    meant = [part for part in get_args(kind) if _snake(part.__name__) in made.name]
    return sample(meant[0] if meant else kind, "record", ids)


def sample(kind: Any, name: str, ids: Mapping[str, Any]) -> Any:
    """Return a value of a type."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(parts, name, ids)
    if origin is not None:
        return _many(origin, parts, name, ids)
    if kind is UUID:
        return ids.get(name, uuid4())
    if kind is str and name in ids:
        return ids[name]
    if kind is datetime:
        return now()
    if kind is date:
        return today()
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        given = {one.name: _field(one, hints[one.name], ids) for one in fields(kind) if one.init}
        return kind(**given)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return PLAIN[kind]


def _field(field: Any, kind: Any, ids: Mapping[str, Any]) -> Any:
    plain = field.default if field.default is not MISSING else None
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    if has_default and field.name not in ids and _singular(field.name) not in ids:
        return plain if field.default is not MISSING else field.default_factory()
    return sample(kind, field.name, ids)


def _one_of(parts: tuple[Any, ...], name: str, ids: Mapping[str, Any]) -> Any:
    if type(None) in parts and name not in ids:
        return None
    return sample(next(part for part in parts if part is not type(None)), name, ids)


def _many(origin: Any, parts: tuple[Any, ...], name: str, ids: Mapping[str, Any]) -> Any:
    if issubclass(origin, Mapping):
        return {}
    if parts[0] is UUID:
        return origin([ids[_singular(name)]]) if _singular(name) in ids else origin()
    if issubclass(origin, Collection) and is_dataclass(parts[0]):
        return origin([sample(parts[0], name, ids)])
    return origin()


def _singular(name: str) -> str:
    return name.removesuffix("s")


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
