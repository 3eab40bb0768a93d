"""Every table of a person's data is walled, and what stands above the walls is a closed list."""

import ast
from collections import defaultdict
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from accounts.kernel.wall import NoWall, Reason, Wall
from accounts.people.models import Person
from fhir_bridge.export.tables import LEFT_OUT, tables_about_a_person
from tests.support import tree

OURS = ("accounts", "ppa", "pathway", "fhir_bridge")
ABOVE = {
    "accounts/audit/journal.py": {"AUDIT"},
    "accounts/audit/retention.py": {"AUDIT"},
    "accounts/audit/verification.py": {"AUDIT"},
    "accounts/break_glass/commands.py": {"EMERGENCY"},
    "accounts/break_glass/queries.py": {"EMERGENCY"},
    "accounts/documents/queries.py": {"CLOCK"},
    "accounts/management/commands/backup.py": {"BACKUP"},
    "accounts/management/commands/migrate.py": {"MIGRATION"},
    "accounts/management/commands/restore.py": {"BACKUP"},
    "accounts/management/commands/restore_drill.py": {"BACKUP"},
    "accounts/management/commands/rotate_keys.py": {"KEYS"},
    "accounts/operations/queries.py": {"AUDIT"},
    "accounts/outbox/drain.py": {"PROJECTION", "CLOCK"},
    "accounts/people/commands.py": {"IDENTITY"},
    "accounts/people/lineage.py": {"IDENTITY"},
    "accounts/retention/commands.py": {"RETENTION"},
    "accounts/retention/queries.py": {"RETENTION"},
    "accounts/retention/tasks.py": {"CLOCK"},
    "accounts/trails/queries.py": {"AUDIT"},
    "accounts/vigilance/commands.py": {"IDENTITY"},
    "accounts/vigilance/queries.py": {"IDENTITY"},
    "accounts/vigilance/tasks.py": {"CLOCK"},
    "deploy/demo.py": {"VOLUME"},
    "fhir_bridge/management/commands/rebuild_fhir.py": {"REBUILD"},
    "fhir_bridge/repository/store.py": {"REFUSAL"},
    "pathway/management/commands/evidence.py": {"AUDIT"},
    "pathway/management/commands/put_back_actions.py": {"REBUILD"},
    "pathway/management/commands/recount_worklists.py": {"REBUILD"},
    "pathway/management/commands/seed_volume.py": {"VOLUME"},
}
"""Where every row is seen, and why. A line more is a decision: say its reason in `Reason`."""


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def says_of_a_person(model: type[models.Model]) -> bool:
    """Whether a table names a person, is part of a walled row, or holds something sealed."""
    return model is Person or any(
        field.name in {"person", "person_id"}
        or type(field).__name__.startswith("Encrypted")
        or (field.many_to_one and isinstance(getattr(field.related_model, "WALL", None), Wall))
        for field in model._meta.concrete_fields
    )


def test_every_table_of_a_persons_data_declares_its_wall() -> None:
    undeclared = [
        model.__name__
        for model in our_models()
        if says_of_a_person(model) and not isinstance(getattr(model, "WALL", None), Wall | NoWall)
    ]
    assert undeclared == [], "Declare WALL on the model: see accounts/kernel/wall.py and docs/adr."


def test_a_wall_names_columns_that_exist() -> None:
    for model in our_models():
        wall = getattr(model, "WALL", None)
        if not isinstance(wall, Wall):
            continue
        columns = {field.column for field in model._meta.concrete_fields}
        assert {*wall.organisations, *([wall.person] if wall.person else [])} <= columns, model.__name__
        assert {organisation for _, organisation in wall.opens} <= set(wall.organisations), model.__name__
        if wall.through:
            field: Any = model._meta.get_field(wall.through)
            assert isinstance(field.related_model.WALL, Wall), model.__name__


def test_what_stands_above_the_walls_is_a_closed_list(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for path, module in tree.modules():
        if "tests" in path.parts:
            continue
        for call in ast.walk(module):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("seeing_everything"):
                found[tree.shown(path)].add(ast.unparse(call.args[0]).rpartition(".")[2])
    with capsys.disabled():
        print()
        for place, reasons in sorted(found.items()):
            for reason in sorted(reasons):
                print(f"  {place}: {Reason[reason]}")
    assert found == ABOVE


def test_a_copy_of_her_file_leaves_no_table_out_without_a_reason() -> None:
    about = tables_about_a_person()
    walled = {
        model._meta.label
        for model in our_models()
        if isinstance(wall := getattr(model, "WALL", None), Wall) and (wall.person or wall.through)
    }
    assert walled == set(about), "A row that leads to nobody cannot be copied for her."
    assert set(LEFT_OUT) <= walled
    assert all(LEFT_OUT.values())
