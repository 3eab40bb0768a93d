"""Everything that is held about a person as it is kept, table by table: what her papers and the FHIR file leave out is here too."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, Model

from accounts.kernel.fields import BlindIndexField, BlindTokenField
from accounts.kernel.wall import Wall
from accounts.organisations.directory import organisation_names, professional_names

LEFT_OUT = {
    "accounts.AuditRow": "told by the list of openings",
    "accounts.PersonToken": "made of her record to find it",
    "accounts.Document": "each file is in the copy",
    "accounts.IdentityMerge": "may name another person, whose record was taken for hers",
    "accounts.IdentityMove": "part of a merge",
    "fhir_bridge.Resource": "the FHIR file",
    "fhir_bridge.ResourceVersion": "made of the tables that are told",
    "fhir_bridge.Recipient": "part of a resource",
    "fhir_bridge.TokenRow": "part of a resource",
    "fhir_bridge.RefRow": "part of a resource",
    "fhir_bridge.DateRow": "part of a resource",
}
"""Tables about a person of which the copy holds no rows, and why."""

MADE_TO_FIND = (BlindIndexField, BlindTokenField)
NAMES = {"Professional": professional_names, "Organisation": organisation_names}


def tables_about_a_person() -> dict[str, type[Model]]:
    """Return every table whose wall leads to a person, by its label."""
    return {model._meta.label: model for model in apps.get_models() if _way_to_person(model)}


def held_about(person_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Return the rows about a person by table, unscoped: each column in clear, with names for professionals and structures."""
    return {
        label: rows
        for label, model in sorted(tables_about_a_person().items())
        if label not in LEFT_OUT and (rows := _rows(model, person_id))
    }


def _way_to_person(model: type[Model]) -> str:
    """Return the lookup from a table to the id of the person whom it is about; empty for none."""
    wall = getattr(model, "WALL", None)
    if not isinstance(wall, Wall):
        return ""
    if wall.person:
        return wall.person
    if not wall.through:
        return ""
    way = _way_to_person(model._meta.get_field(wall.through).related_model)  # type: ignore[arg-type]  # (a foreign key)
    return f"{wall.through}__{way}" if way else ""


def _rows(model: type[Model], person_id: UUID) -> list[dict[str, Any]]:
    columns = [field for field in model._meta.concrete_fields if not isinstance(field, MADE_TO_FIND)]
    found = list(model._default_manager.filter(**{_way_to_person(model): person_id}).order_by("pk"))
    named = {
        field.name: NAMES[field.related_model.__name__]({getattr(row, field.attname) for row in found} - {None})
        for field in columns
        if isinstance(field, ForeignKey) and field.related_model.__name__ in NAMES
    }

    def shown(row: Model, field: Any) -> Any:
        value = getattr(row, field.attname)
        return named[field.name].get(value) if field.name in named else value

    return [{field.name: shown(row, field) for field in columns} for row in found]
