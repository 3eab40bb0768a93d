"""The second wall: row-level security on PostgreSQL, so that a forgotten filter shows nothing of another's patients.

Each table of a person's data declares a `Wall` on its model; its policy is installed after every migration. A row is
seen by the organisations and the professional that stand in the person's circle now, which each transaction is told
by settings of its own (`SET LOCAL`): without them no row is seen. SQLite, the embedded database, has no such wall.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.apps import AppConfig, apps
from django.db import connection, models, transaction

from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import now
from accounts.kernel.database import as_array, on_postgresql


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """How the rows of a table are tied to persons and organisations: by names of columns.

    `person`: column of the person's id; her circle sees the row. `organisations`: columns of
    those that see the row whatever the circle, such as the sender of a request;
    `professional`: the column of who sees his own rows so. `through`:
    the foreign key to another walled row that this one is part of; who sees that one sees
    this one. `open_when`: an SQL condition on the row under which everybody sees it.
    `opens`: pairs of a foreign key and one of `organisations`, which sees the row named there
    because of this one, such as the person of a request that it sent.
    `asked_by_gate`: the gate reads the table whole, to know where somebody stands (`as_owner`).
    """

    person: str = ""
    organisations: tuple[str, ...] = ()
    professional: str = ""
    through: str = ""
    open_when: str = ""
    opens: tuple[tuple[str, str], ...] = ()
    asked_by_gate: bool = False


@dataclass(frozen=True, slots=True)
class NoWall:
    """The declaration of a table that names a person and yet has no wall, with the reason."""

    reason: str


class Reason(StrEnum):
    """Why some work sees every row: the closed list of what stands above the wall."""

    MIGRATION = "migrations move the rows of everybody"
    PROJECTION = "consumers of events read the aggregate that an event names, whoever caused it"
    CLOCK = "the system acts for nobody: clocks, imports and consoles"
    REBUILD = "the FHIR store and the counters are made again, or compared, as a whole"
    KEYS = "everything that is sealed moves to a new key, or is opened to see that it holds"
    BACKUP = "a backup holds every row, and a drill opens some of each table"
    AUDIT = "the audit is written in every chain and verified as a whole"
    VOLUME = "invented people are made and counted"
    REFUSAL = "a refusal is traced with the person whom it protects"
    EMERGENCY = "in an emergency a person is found by her whole identity, and her file opened by who does not know her"
    RETENTION = "periods of conservation are looked at for every file, by reference"
    IDENTITY = "a qualified identity is one person a deployment, a look-alike is told to a person who judges, and two records of one person are merged"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one piece of work sees: the rows of these organisations and this professional at an instant, or every row.

    `persons` are seen whatever the circle says: those of the reserve, while the database takes no writes.
    """

    organisations: frozenset[UUID] = frozenset()
    professional: UUID | None = None
    persons: frozenset[UUID] = frozenset()
    at: datetime | None = None
    everything: Reason | None = None

    @property
    def settings(self) -> tuple[str, ...]:
        """The values of `app.organisations`, `app.professional`, `app.persons`, `app.at` and `app.sees`."""
        return (
            as_array(self.organisations),
            str(self.professional or ""),
            as_array(self.persons),
            self.at.isoformat() if self.at else "",
            "everything" if self.everything else "circle",
        )


_sight: ContextVar[Sight | None] = ContextVar("sight", default=None)
_CONTROL: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK")
_NAMES: Final = ("app.organisations", "app.professional", "app.persons", "app.at", "app.sees")
_IDLE: Final = 0
"""libpq's PQTRANS_IDLE: no transaction is open."""
_DONE: Final = 1
"""libpq's PGRES_COMMAND_OK."""
_UNKNOWN: Final = object()
PREPARED: Final = 500
"""Statements that a connection keeps planned, policies and all: a person's pages ask about three hundred different ones."""


def sight_of(actor: Actor, persons: frozenset[UUID] = frozenset()) -> Sight:
    """Return what an actor sees from now on."""
    if actor.role == Role.SYSTEM:
        return Sight(everything=Reason.CLOCK)
    return Sight(actor.organisations, actor.professional_id, persons, now())


@contextmanager
def seeing_as(actor: Actor, *, reading: bool = False, persons: frozenset[UUID] = frozenset()) -> Iterator[None]:
    """See what an actor sees, in every transaction that begins inside; `persons` besides.

    `reading`: nothing is written inside but the trace, so one transaction holds it all (PostgreSQL only).
    """
    with _seeing(sight_of(actor, persons)):
        if reading and reads_in_one_transaction():
            with transaction.atomic():
                yield
        else:
            yield


def reads_in_one_transaction() -> bool:
    """Tell whether a reading has a transaction of its own, which holds its sight: on PostgreSQL only."""
    return on_postgresql()


@contextmanager
def seeing_everything(reason: Reason) -> Iterator[None]:
    """See every row, for a reason of the closed list."""
    with _seeing(Sight(everything=reason)):
        yield


@contextmanager
def seeing_nothing() -> Iterator[None]:
    """See no person's row until a door says for whom it opens."""
    with _seeing(None):
        yield


@contextmanager
def _seeing(sight: Sight | None) -> Iterator[None]:
    token = _sight.set(sight)
    try:
        yield
    finally:
        _sight.reset(token)


def sees(organisation: UUID | None) -> bool:
    """Tell whether the rows of an organisation are seen now, whatever the circle."""
    sight = _sight.get()
    return sight is not None and (sight.everything is not None or organisation in sight.organisations)


def present_sight() -> Sight | None:
    """Return what is seen now; `None` before a door has said for whom it opens."""
    return _sight.get()


def watch_connection(connection: Any, **_signal: object) -> None:
    """Have a new connection tell PostgreSQL, in each transaction, for whom it is, and keep what the pages ask prepared."""
    if connection.vendor == "postgresql":
        driver = connection.connection
        driver.prepared_max = max(driver.prepared_max, PREPARED)
        if _tell_before not in connection.execute_wrappers:
            connection.execute_wrappers.append(_tell_before)


def _tell_before(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement in a transaction that knows the present sight; alone, in a transaction of its own."""
    database, sight = context["connection"], _sight.get()
    if not database.in_atomic_block:
        if sight is None:
            return execute(sql, params, many, context)
        with transaction.atomic(using=database.alias):
            return _tell_before(execute, sql, params, many, context)
    begins = database.connection.pgconn.transaction_status == _IDLE
    if begins:
        database.told = None
    if sql.startswith(_CONTROL):
        answer = execute(sql, params, many, context)
        if sql.startswith("ROLLBACK"):
            database.told = _UNKNOWN  # what was told since the savepoint is gone with it
        return answer
    if database.told is not sight:
        with database.wrap_database_errors:
            _tell(database.connection.pgconn, sight, begins=begins)
        database.told = sight
    return execute(sql, params, many, context)


def _tell(libpq: Any, sight: Sight | None, *, begins: bool) -> None:
    """Tell the transaction its sight, in the same message as its beginning: one way to the server and back, not three.

    What is told is made of identifiers, an instant and words of ours: no value of a request is in it. Nothing was told to a
    transaction that begins.
    """
    values = sight.settings if sight else ("",) * len(_NAMES)
    told = [f"SET LOCAL {name}='{value}'" for name, value in zip(_NAMES, values, strict=True) if value or not begins]
    result = libpq.exec_(";".join(["BEGIN", *told] if begins else told).encode())
    if result.status != _DONE:
        from psycopg.errors import error_from_result  # the driver is there with PostgreSQL only

        raise error_from_result(result)


def raise_walls(sender: AppConfig, **_signal: object) -> None:
    """Install the policy of every walled table of an app; runs after every migration, on PostgreSQL only."""
    if connection.vendor != "postgresql":
        return
    existing = set(connection.introspection.table_names())
    wanted = {
        table: _policy(table, *declared, existing)
        for table, declared in walled_tables(sender.get_models())
        if table in existing
    }
    with connection.cursor() as cursor:
        if sender.label == "accounts":
            cursor.execute(_FUNCTIONS)
        for table, (wall, _) in walled_tables(sender.get_models()):
            if wall.asked_by_gate and table in existing:
                cursor.execute(_view(as_owner(table), f'SELECT * FROM "{table}"'))  # noqa: S608 (a table of ours)
        for model in sender.get_models():
            if openings := list(_openings_of(model, existing)):
                cursor.execute(_view(_openings(model), " UNION ALL ".join(openings)))
        cursor.execute(
            "SELECT relname, obj_description(p.oid, 'pg_policy') FROM pg_policy p JOIN pg_class c ON c.oid = polrelid"
        )
        present = dict(cursor.fetchall())
        for table, policy in wanted.items():
            mark = sha256(policy.encode()).hexdigest()
            if present.get(table) != mark:
                cursor.execute(policy)
                cursor.execute(f"COMMENT ON POLICY wall ON \"{table}\" IS '{mark}'")


def walled_tables(found: Iterable[type[models.Model]]) -> Iterator[tuple[str, tuple[Wall, type[models.Model]]]]:
    """Yield each table with a wall and its declaration; the rows that join a walled one to others are part of it."""
    for model in found:
        wall = getattr(model, "WALL", None)
        if not isinstance(wall, Wall):
            continue
        yield model._meta.db_table, (wall, model)
        for field in model._meta.local_many_to_many:
            through: Any = field.remote_field.through
            if through._meta.auto_created:
                joins = Wall(through=field.m2m_field_name(), asked_by_gate=wall.asked_by_gate)
                yield through._meta.db_table, (joins, through)


def as_owner(table: str) -> str:
    """Return the name by which a table that is `asked_by_gate` is read as its owner reads it: what no policy is asked about."""
    return f"wall_{table}" if on_postgresql() else table


_MEMBERSHIPS: Final = "accounts_circlemembership"
"""The table of memberships, where every standing is read."""

_MINE: Final = "= ANY (wall_organisations())"
_STANDS: Final = (
    f"EXISTS (SELECT 1 FROM wall_{_MEMBERSHIPS} m WHERE m.person_id = {{person}} AND m.organisation_id {_MINE}"  # noqa: S608 (names of our own)
    " AND (m.professional_id IS NULL OR m.professional_id = wall_professional())"
    " AND m.starts_at <= wall_instant() + interval '1 minute'"
    " AND (m.ends_at IS NULL OR m.ends_at > wall_instant()))"
)
"""A membership that a command has just opened counts in it: it began after the command was told its instant."""

_FUNCTIONS: Final = f"""
CREATE OR REPLACE FUNCTION wall_everything() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT current_setting('app.sees', true) = 'everything' $$;
CREATE OR REPLACE FUNCTION wall_told() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT current_setting('app.sees', true) IN ('everything', 'circle') $$;
CREATE OR REPLACE FUNCTION wall_organisations() RETURNS uuid[] LANGUAGE sql STABLE
    AS $$ SELECT coalesce(nullif(current_setting('app.organisations', true), ''), '{{}}')::uuid[] $$;
CREATE OR REPLACE FUNCTION wall_persons() RETURNS uuid[] LANGUAGE sql STABLE
    AS $$ SELECT coalesce(nullif(current_setting('app.persons', true), ''), '{{}}')::uuid[] $$;
CREATE OR REPLACE FUNCTION wall_professional() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.professional', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION wall_instant() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.at', true), '')::timestamptz $$;
CREATE OR REPLACE FUNCTION wall_knows(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE SET app.sees = 'everything'
    AS $$ BEGIN RETURN {_STANDS.format(person="person")}; END $$;
"""
"""`wall_knows` reads the memberships as a whole: their own policy asks it who stands beside a member."""


def _policy(table: str, wall: Wall, model: type[models.Model], existing: set[str]) -> str:
    column = f'"{table}"."{{}}"'.format
    arms = ["wall_everything()", *(f"{column(one)} {_MINE}" for one in wall.organisations)]
    if wall.professional:
        arms.append(f"{column(wall.professional)} = wall_professional()")
    if wall.open_when:
        arms.append(f"(wall_told() AND {wall.open_when})")
    if wall.person:
        known = _STANDS if table != _MEMBERSHIPS else "wall_knows({person})"
        arms.append(f"{column(wall.person)} = ANY (wall_persons())")
        arms.append(known.format(person=column(wall.person)))
    arms += _opened_by(model, existing)
    if wall.through:
        field: Any = model._meta.get_field(wall.through)
        whole = field.related_model._meta
        arms.append(_exists(whole.db_table, f'o."{whole.pk.column}" = {column(field.column)}'))
    return (
        f'DROP POLICY IF EXISTS wall ON "{table}";'
        f'CREATE POLICY wall ON "{table}" USING ({" OR ".join(arms)}) WITH CHECK (wall_told());'
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;'
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;'
    )


def _opened_by(model: type[models.Model], existing: set[str]) -> Iterator[str]:
    if any(_openings_of(model, existing)):
        here = f'"{model._meta.db_table}"."{model._meta.pk.column}"'
        yield _exists(_openings(model), f"o.opened_id = {here} AND o.organisation_id {_MINE}")


def _openings(model: type[models.Model]) -> str:
    return f"wall_openings_{model._meta.db_table}"


def _openings_of(model: type[models.Model], existing: set[str]) -> Iterator[str]:
    """Yield, for each pair of columns that opens rows of a model to organisations, the statement that tells whom what is opened."""
    for table, (wall, other) in walled_tables(apps.get_models()):
        for name, organisation in wall.opens if table in existing else ():
            field: Any = other._meta.get_field(name)
            if field.related_model is model:
                yield f'SELECT "{field.column}" AS opened_id, "{organisation}" AS organisation_id FROM "{table}"'  # noqa: S608 (names of our own)


def _view(name: str, statement: str) -> str:
    """Return what makes a view that policies read: as its owner, so that the policies of its tables are not asked inside another.

    It is only read: one that begins with WITH takes no writes.
    """
    return (
        f'CREATE OR REPLACE VIEW "{name}" AS WITH told AS ({statement}) SELECT * FROM told;'  # noqa: S608 (names of our own)
        f'GRANT SELECT ON "{name}" TO PUBLIC;'
    )


def _exists(table: str, condition: str) -> str:
    return f'EXISTS (SELECT 1 FROM "{table}" o WHERE {condition})'  # noqa: S608 (names of our own tables and columns)


class RoleAboveWalls(Exception):
    """The database role of this process owns walled tables, is a superuser or bypasses row-level security."""


def refuse_role_above_walls() -> None:
    """Raise `RoleAboveWalls` when no wall would hold this process: it must not start. SQLite has no roles."""
    if connection.vendor != "postgresql":
        return
    tables = [table for table, _ in walled_tables(apps.get_models())]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, bool_or(r.rolsuper OR r.rolbypassrls),"
            " bool_or(coalesce(pg_has_role(current_user, c.relowner, 'MEMBER'), false))"
            " FROM pg_roles r LEFT JOIN pg_class c ON c.relname = ANY(%s) AND c.relkind = 'r'"
            " WHERE r.rolname = current_user",
            [tables],
        )
        name, bypasses, owns = cursor.fetchone()
    if bypasses or owns:
        raise RoleAboveWalls(
            f"The database role {name} would pass the row-level security. Name another one in DATABASE_URL:"
            " deploy/roles.sql makes it, docs/runbooks/production.md says how."
        )
