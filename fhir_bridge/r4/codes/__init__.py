"""The code lists that the project needs, read from the TSV files beside this module.

Codes are facts of their publishers; each row carries system, version, source and licence. A list is read once,
on first use, and never changes afterwards.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

from fhir_bridge.r4.datatypes import Json, coding
from fhir_bridge.r4.systems import FR_IDENTITY_STATUS, FR_V2_0445, InsSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code of one system; `notes` holds the columns that only its list has (`document_class`, `status`…)."""

    code: str
    display: str
    system: str
    version: str
    source: str
    licence: str
    notes: Mapping[str, str] = field(default_factory=dict)

    def coding(self) -> Json:
        """Return this code as a FHIR Coding."""
        return coding(self.system, self.code, self.display)


class UnknownCodeError(LookupError):
    """The code is not in the list that was asked."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """A named list, in the order of its file; lookups by (system, code)."""

    name: str
    _by_key: Mapping[tuple[str, str], Code]

    def __iter__(self) -> Iterator[Code]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._by_key

    def get(self, system: str, code: str) -> Code:
        """Return one code; raises `UnknownCodeError`."""
        try:
            return self._by_key[system, code]
        except KeyError:
            raise UnknownCodeError(self.name) from None

    def display(self, system: str, code: str) -> str | None:
        """Return the French label, or None for a code that the list does not have."""
        found = self._by_key.get((system, code))
        return found.display if found else None


_COLUMNS = ("code", "display", "system", "version", "source", "licence")


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def _code(row: dict[str, str]) -> Code:
    notes = {column: value for column, value in row.items() if column not in _COLUMNS and value}
    return Code(**{column: row[column] for column in _COLUMNS}, notes=notes)


@cache
def code_list(name: str) -> CodeList:
    """Return a list by the name of its file without suffix, such as `contact_roles`."""
    return CodeList(name, {(row["system"], row["code"]): _code(row) for row in _rows(name)})


@cache
def required_codes() -> Mapping[str, frozenset[str]]:
    """Return the codes that FHIR R4 binds with strength *required*, by element (`Task.status`).

    Backbone elements carry the name of their type: `ConsentProvision.type`.
    """
    bindings: dict[str, set[str]] = {}
    for row in _rows("required_bindings"):
        bindings.setdefault(row["element"], set()).add(row["code"])
    return {element: frozenset(codes) for element, codes in bindings.items()}


@cache
def required_systems() -> Mapping[str, str]:
    """Return the only system that each bound element takes its codes from."""
    return {row["element"]: row["system"] for row in _rows("required_bindings")}


class IdentityStatus(StrEnum):
    """The four exclusive states of an identity. Source: référentiel national d'identitovigilance, FrCore 2.3."""

    PROVISIONAL = "PROV"
    RETRIEVED = "RECUP"
    VALIDATED = "VALI"
    QUALIFIED = "QUAL"


_TO_0445 = {
    IdentityStatus.PROVISIONAL: "PROV",
    IdentityStatus.RETRIEVED: "PROV",
    IdentityStatus.VALIDATED: "VALI",
    IdentityStatus.QUALIFIED: "VALI",
}


def identity_status_0445(status: IdentityStatus) -> Code:
    """Return the code of the generation up to FrCore 2.2, which has no code for a qualified identity.

    There VALI *with* an INS identifier means qualified: the caller sends the INS for QUALIFIED only.
    """
    return code_list("identity_statuses").get(FR_V2_0445, _TO_0445[status])


def identity_status_2026(status: IdentityStatus) -> Code:
    """Return the code of the generation of FrCore 2.3: one per state, both ways."""
    return code_list("identity_statuses").get(FR_IDENTITY_STATUS, status.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadIdentityStatus:
    """What a received status says: the state, and `doubtful`, `fictive`, `homonym` or `duplicate` when it adds one."""

    status: IdentityStatus
    remark: str | None


def read_identity_status(*, system: str, code: str, ins_system: str | None) -> ReadIdentityStatus:
    """Read a status of either generation; `ins_system` is the system of the INS identifier received, if any.

    An identity that its sender withdrew (DESA, INVA) and an unknown code raise `UnknownCodeError`.
    """
    found = code_list("identity_statuses").get(system, code)
    if "rniv" not in found.notes:
        raise UnknownCodeError("identity_statuses")
    status = IdentityStatus(found.notes["rniv"])
    has_ins = ins_system is not None and ins_system in set(InsSystem)
    if system == FR_V2_0445 and status is IdentityStatus.VALIDATED and has_ins:
        status = IdentityStatus.QUALIFIED
    return ReadIdentityStatus(status=status, remark=found.notes.get("remark"))
