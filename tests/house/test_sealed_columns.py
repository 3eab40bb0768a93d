"""A rotation finds everything that is sealed or indexed on the models; what it could miss is named here."""

import re
from pathlib import Path

from django.apps import apps
from django.db import models
from django.utils.module_loading import import_string

from accounts.kernel.fields import BlindIndexField, BlindTokenField, Reindex, SealedColumn
from tests.house.test_plain_columns import OURS
from tests.support import tree

BYTES_OF_ANOTHER_KIND = {
    "accounts.DataKey.wrapped": "wrapped by the master key",
    "accounts.AuditRow.previous_hash": "hash of a row of the audit",
    "accounts.AuditRow.hash": "hash of a row of the audit",
    "accounts.ChainHead.hash": "hash of a row of the audit",
    "accounts.ChainHead.seal": "checked under every key of its ring, made again with the next row",
}
SEALED_BY_HAND = {
    "accounts/kernel/fields.py": "the encrypted fields themselves",
    "accounts/kernel/sealing.py": "the same fields, filled by a migration",
    "accounts/access/unit.py": "SealedBytesField of IdempotencyKey",
    "fhir_bridge/repository/store.py": "SealedBytesField of the bodies",
    "accounts/break_glass/finding.py": "a found person in the address of a page, which is kept nowhere",
    "accounts/authentication/adapters.py": "safekeeping.tables.SecondFactors",
    "accounts/audit/reserve.py": "the lines of the reserve, taken back within the minute that follows read-only mode",
    "accounts/authentication/session_store.py": "a session in its own cookie, for the time of read-only mode",
    "fhir_bridge/rest/search.py": "the key of a next page, which is kept nowhere",
}


def fields_of_ours() -> list[tuple[str, "models.Field[object, object]"]]:
    return [
        (f"{model._meta.label}.{field.name}", field)
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.local_concrete_fields
    ]


def test_each_column_of_bytes_is_sealed_or_indexed_or_named_here() -> None:
    known = SealedColumn | BlindIndexField
    found = {
        name for name, one in fields_of_ours() if isinstance(one, models.BinaryField) and not isinstance(one, known)
    }
    assert found == set(BYTES_OF_ANOTHER_KIND)


def test_each_token_has_a_way_to_be_made_again() -> None:
    named = {name for name, _ in fields_of_ours() if re.search(r"_token$|\.token$|\.mark$", name)}
    blind = {name: one for name, one in fields_of_ours() if isinstance(one, BlindIndexField | BlindTokenField)}
    assert named == set(blind)
    for field in blind.values():
        assert isinstance(import_string(field.index), Reindex)


def test_what_is_sealed_by_hand_is_known_to_the_rotation() -> None:
    by_hand = re.compile(r"import .*\bseal\b.*|\bkeyring\.seal\(")
    found = {
        str(path.relative_to(tree.ROOT))
        for app in OURS
        for path in Path(tree.ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and by_hand.search(path.read_text())
    }
    assert found == set(SEALED_BY_HAND)
