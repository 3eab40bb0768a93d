"""Model fields whose value is encrypted at rest, bound to its table, column and row.

The row needs its id before it is written (`accounts.kernel.ids.new_id`). A value read
from the database stays sealed until somebody reads the attribute; `.values()` gives
bytes, `.update()` and every lookup but `isnull` are refused.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import In
from django.db.models.query_utils import DeferredAttribute

from accounts.kernel.crypto import Purpose
from accounts.kernel.keyring import seal, unseal


class Sealed:
    """A value as it lies in the database."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw


class _SealedAttribute(DeferredAttribute):
    """Opens the value on the first read and keeps what was opened beside the sealed bytes."""

    field: "EncryptedField"

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        held = instance.__dict__.get(self.field.attname)
        if held is None and self.field.attname not in instance.__dict__:
            held = super().__get__(instance, cls)
            held = instance.__dict__.get(self.field.attname, held)
        if not isinstance(held, Sealed):
            return held
        opened = instance.__dict__.setdefault("_opened", {})
        if self.field.attname not in opened:
            opened[self.field.attname] = self.field.unseal(held, instance)
        return opened[self.field.attname]

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__.get("_opened", {}).pop(self.field.attname, None)
        instance.__dict__[self.field.attname] = value


def bytes_of(held: Any) -> bytes:
    """Return the bytes of a value of a sealed column as it lies; empty for none."""
    return bytes(held.raw if isinstance(held, Sealed) else held or b"")


class SealedColumn(models.BinaryField, ABC):  # type: ignore[type-arg]  # (the stubs give BinaryField no parameters)
    """A column that holds values sealed for their place, with the keys of one purpose: what a rotation walks over."""

    purpose: Purpose = Purpose.FIELDS
    needs: tuple[str, ...] = ("pk",)
    """What a value is bound to, as `values_list()` takes it."""

    @abstractmethod
    def place_of(self, *needed: Any) -> bytes:
        """Return what the value of a row is bound to, from what it `needs`."""

    def place(self, instance: models.Model) -> bytes:
        """Return what the value of one row is bound to."""
        return self.place_of(*(attrgetter(need.replace("__", "."))(instance) for need in self.needs))

    def sealed_bytes(self, instance: models.Model) -> bytes:
        """Return the value of one row as it lies; empty when it has none."""
        return bytes_of(instance.__dict__[self.attname])


class SealedBytesField(SealedColumn):
    """Bytes that their owner seals and opens by hand, for a place of its own, which is made of what it `needs`.

    Migrations see a plain binary column.
    """

    def __init__(
        self, *args: Any, place: Callable[..., bytes] | None = None, needs: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        self._place, self.needs = place, needs
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Tell migrations what the database knows."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs

    def place_of(self, *needed: Any) -> bytes:
        """Return what the owner binds the value of a row to."""
        assert self._place is not None  # noqa: S101 (only the copies inside migrations lack it)
        return self._place(*needed)


class EncryptedField(SealedColumn):
    """The common part: sealing on save, opening on access."""

    descriptor_class = _SealedAttribute
    to_bytes: Callable[[Any], bytes]
    to_value: Callable[[bytes], Any]

    def __init__(self, *args: Any, purpose: Purpose = Purpose.FIELDS, **kwargs: Any) -> None:
        self.purpose = Purpose(purpose)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Tell migrations the purpose when it is not the usual one."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs if self.purpose == Purpose.FIELDS else {**kwargs, "purpose": str(self.purpose)}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        """Install the attribute that opens the value."""
        super().contribute_to_class(cls, name, private_only=private_only)
        setattr(cls, self.attname, self.descriptor_class(self))

    def _check_str_default_value(self) -> list[Any]:
        return []  # the default is the plain value, which Django checks as bytes

    def place_of(self, *needed: Any) -> bytes:
        """Return what the value is bound to: table, column and row."""
        [pk] = needed
        if pk is None:
            raise ValueError("An encrypted field needs the id of its row before it is written.")
        return f"{self.model._meta.db_table}|{self.column}|{pk}".encode()

    def unseal(self, held: Sealed, instance: models.Model) -> Any:
        """Return the value; raises `Unreadable` when it was moved or altered."""
        return type(self).to_value(unseal(held.raw, bound_to=self.place(instance), purpose=self.purpose))

    def opened(self, raw: bytes | memoryview, pk: UUID) -> Any:
        """Return the value of the row `pk`, whose sealed bytes a statement written out by hand gave."""
        return type(self).to_value(unseal(bytes(raw), bound_to=self.place_of(pk), purpose=self.purpose))

    def from_db_value(self, value: Any, *_: object) -> Any:
        """Keep what comes from the database sealed."""
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal a value that was set; leave one that was only read as it lies."""
        held = model_instance.__dict__.get(self.attname)
        if held is None or isinstance(held, Sealed):
            return held
        place = self.place(model_instance)
        sealed = Sealed(seal(type(self).to_bytes(held), bound_to=place, purpose=self.purpose))
        model_instance.__dict__[self.attname] = sealed
        model_instance.__dict__.setdefault("_opened", {})[self.attname] = held
        return sealed

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Let only sealed bytes through: `.update()` and raw values are refused."""
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is encrypted: set it on an instance and save it.")
        return connection.Database.Binary(value.raw)

    def get_default(self) -> Any:
        """Return the default as a plain value, not forced to bytes."""
        return self._get_default()  # type: ignore[attr-defined]  # (Django's cached property)

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every lookup but `isnull`: search goes through blind indexes."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: search its blind index.")
        return super().get_lookup(lookup_name)


class EncryptedTextField(EncryptedField):
    """Text of any length."""

    to_bytes = staticmethod(str.encode)
    to_value = staticmethod(bytes.decode)


class EncryptedJSONField(EncryptedField):
    """Anything JSON holds, dates as ISO strings."""

    to_bytes = staticmethod(orjson.dumps)
    to_value = staticmethod(orjson.loads)


class EncryptedDateField(EncryptedField):
    """A date, kept as its ISO form."""

    to_bytes = staticmethod(lambda value: value.isoformat().encode())
    to_value = staticmethod(lambda raw: date.fromisoformat(raw.decode()))


class EncryptedBytesField(EncryptedField):
    """Bytes as they are."""

    to_bytes = staticmethod(bytes)
    to_value = staticmethod(bytes)


class _Blind:
    """A column of blind indexes. A value is looked for under every key that is still readable.

    `index` is the dotted path of the `Reindex` that makes the column again. Migrations see a plain column.
    """

    def __init__(self, *args: Any, index: str = "", **kwargs: Any) -> None:
        self.index = index
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Tell migrations what the database knows."""
        plain: Any = type(self).__mro__[2]
        name, _, args, kwargs = super().deconstruct()  # type: ignore[misc]  # (a mixin of fields)
        return name, f"django.db.models.{plain.__name__}", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        """Keep the indexes under older keys beside the active one, for the lookups."""
        return value if hasattr(value, "others") else super().get_prep_value(value)  # type: ignore[misc]  # (as above)


class BlindIndexField(_Blind, models.BinaryField):  # type: ignore[type-arg]  # (as above)
    """A 16-byte blind index."""


class BlindTokenField(_Blind, models.BigIntegerField):  # type: ignore[type-arg]  # (as above)
    """A 64-bit blind token."""


@BlindIndexField.register_lookup
@BlindTokenField.register_lookup
class _UnderAnyKey(In):
    """`in`: every value, under every key."""

    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, Iterable):
            self.rhs = [one for value in self.rhs for one in (value, *getattr(value, "others", ()))]
        return super().get_prep_lookup()


@BlindIndexField.register_lookup
@BlindTokenField.register_lookup
class _Same(_UnderAnyKey):
    """`exact`: one value, under every key."""

    lookup_name = "exact"

    def __init__(self, lhs: Any, rhs: Any) -> None:
        super().__init__(lhs, rhs if hasattr(rhs, "resolve_expression") else [rhs])


@dataclass(frozen=True)
class Reindex:
    """How blind indexes are made again under the active key: one call for each row of `model`, locked.

    `rebuild` writes the indexes that are not those of the row's present values and tells whether there were any.
    """

    model: str
    rebuild: Callable[[Any], bool]
