"""Run by test_sealing.py in a process and a database of its own: rows of a former schema are sealed, read, and come back."""

import gc
import json
import sys
from functools import cache

import django
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

FORMER = (("pathway", "0002_published_figures"), ("ppa", "0002_assessments"), ("accounts", "0018_retention_periods"))
MANY = 1100
"""More than one batch."""
SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE type <> 'index' OR sql IS NOT NULL ORDER BY type, name"


def migrate_to(targets):
    """Go to a schema, with the keys and the guards that follow a migration."""
    from accounts.kernel.guards import guard_append_only_tables, lift_guards
    from accounts.kernel.keyring import ensure_data_keys

    gc.collect()  # of what the way before this one left
    for app in ("accounts", "ppa", "pathway"):
        lift_guards(apps.get_app_config(app))
    MigrationExecutor(connection).migrate(list(targets))
    ensure_data_keys()
    for app in ("accounts", "ppa", "pathway"):
        guard_append_only_tables(apps.get_app_config(app))


@cache
def former_models():
    """Return the models as the former schema had them."""
    return MigrationExecutor(connection).loader.project_state(list(FORMER)).apps


def model(app, name):
    return former_models().get_model(app, name)


def fill():
    organisation = model("accounts", "Organisation").objects.create(
        name="Structure (fictive)", finess="992100099", kind="hospital"
    )
    person = model("accounts", "Person").objects.create(
        status="VALI", birth_name="CANARI", birth_given_names=["Rose"], birth_date=day(), birth_year=1950, sex="female"
    )
    document = model("accounts", "Document")(
        person=person, kind="directive", title="Titre", content_type="application/pdf", size=3, sha256="ab" * 32
    )
    document.sha1 = "cd" * 20
    document.save()
    transition = model("accounts", "Transition")
    transition.objects.bulk_create(
        transition(
            aggregate_type="stay", aggregate_id=person.pk, aggregate_version=number, deed="end", happened_at=now(),
            actor_role="system", reason="died" if number % 2 else "",
        )
        for number in range(MANY)
    )  # fmt: skip
    plan = model("ppa", "Plan").objects.create(person_id=person.pk, organisation_id=organisation.pk, outline="fr-2026")
    topics = [
        model("ppa", "PlanTopic").objects.create(plan=plan, code=code, pace=pace)
        for code, pace in (("crises", "not_now"), ("directives", ""))
    ]
    model("ppa", "TopicOffer").objects.create(topic=topics[0], pace="not_now", offered_on=day())


def told():
    from accounts.documents.models import Document
    from accounts.kernel.models import Transition
    from accounts.people.models import Person
    from ppa.plans.models import PlanTopic, TopicOffer

    document = Document.objects.get()
    return {
        "sex": Person.objects.get().sex,
        "digests": [document.sha256, document.sha1],
        "reasons": [row.reason for row in Transition.objects.order_by("aggregate_version")],
        "pace": {row.code: row.pace for row in PlanTopic.objects.all()},
        "offered": TopicOffer.objects.get().pace,
    }


def told_before():
    document = model("accounts", "Document").objects.get()
    return {
        "sex": model("accounts", "Person").objects.get().sex,
        "digests": [document.sha256, document.sha1],
        "reasons": [
            row.reason or None for row in model("accounts", "Transition").objects.order_by("aggregate_version")
        ],
        "pace": {row.code: row.pace for row in model("ppa", "PlanTopic").objects.all()},
        "offered": model("ppa", "TopicOffer").objects.get().pace,
    }


def in_clear():
    """Return what the tables still hold as text."""
    words, found = ("female", "not_now", "died", "ab" * 32), []
    for table in ("accounts_person", "accounts_document", "accounts_transition", "ppa_plantopic", "ppa_topicoffer"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 (tables of this test)
            rows = cursor.fetchall()
        found += [
            word
            for word in words
            if any(word in str(cell) or word.encode() in raw(cell) for row in rows for cell in row)
        ]
    return found


def raw(cell):
    return bytes(cell) if isinstance(cell, bytes | memoryview) else b""


def is_guarded():
    from accounts.kernel.models import Transition

    try:
        with transaction.atomic():
            Transition.objects.update(deed="other")
    except DatabaseError as refused:
        return "append-only" in str(refused)
    return False


def main():
    gc.disable()  # each migration makes hundreds of classes, and the collector would look at all of them again and again
    django.setup()
    from accounts.kernel.wall import Reason, seeing_everything

    with seeing_everything(Reason.MIGRATION):
        migrate_to(FORMER)
        fill()
        before = told_before()
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False, skip_checks=True)
        after, clear, guarded, made = told(), in_clear(), is_guarded(), schema()
        migrate_to(FORMER)
        back = told_before()
    found = {"before": before, "after": after, "clear": clear, "guarded": guarded, "schema": made, "back": back}
    sys.stdout.write(json.dumps(found))


def schema():
    """Return what SQLite says that it holds; of PostgreSQL, nothing."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return cursor.fetchall()


def day():
    from accounts.kernel.clock import today

    return today()


def now():
    from accounts.kernel.clock import now as present

    return present()


if __name__ == "__main__":
    main()
