"""What is never written here, found in the syntax tree: unescaped HTML, raw SQL, orders and reads that a request names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tree import has_test

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "ppa", "pathway", "fhir_bridge")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
UNESCAPED = re.compile(r"\|\s*(?:safe|safeseq)\b|\{%\s*autoescape\s+off")
INLINE = re.compile(
    r"<style\b|\sstyle=|\son[a-z]+=|javascript:|\bhx-on|\bhx-vals=.js:|<script(?![^>]*\b(?:src=|type=\"application/json\"))",
    re.IGNORECASE,
)

RAW_SQL = {
    "accounts/kernel/read_only.py": "whether PostgreSQL lets anything be written",
    "accounts/access/readings.py": "several statements of the ORM sent as one",
    "accounts/access/standing.py": "the whole standing towards one person in one statement",
    "accounts/authentication/situations.py": "the functions of an account in one statement",
    "accounts/audit/journal.py": "the head of a chain, read and moved at every request",
    "accounts/audit/reading.py": "years of rows as a stream",
    "accounts/kernel/database.py": "what only one of the two databases can do",
    "accounts/kernel/guards.py": "triggers that keep append-only rows",
    "accounts/kernel/sealing.py": "migrations: a column filled from another in batches",
    "accounts/kernel/wall.py": "row-level security",
    "accounts/safekeeping/databases.py": "copies of a whole database",
    "accounts/safekeeping/tables.py": "sealed columns, moved in batches",
    "fhir_bridge/repository/store.py": "a resource and the standing towards its person in one statement",
    "pathway/health.py": "whether the database answers",
}
"""Where SQL is written by hand, and why."""
CALLS_OF_SQL = {"raw", "extra", "RawSQL", "execute", "executemany"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


SOURCES = list(sources())


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Give each call with the last name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            yield node, called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def reads_request(node: ast.AST) -> bool:
    """Tell whether an expression reads what a client sent: `request.GET`, `.POST`, `.headers` and the like."""
    return any(
        isinstance(part, ast.Attribute)
        and part.attr in {"GET", "POST", "META", "headers", "COOKIES", "body", "query_params", "data"}
        and isinstance(part.value, ast.Name)
        and part.value.id == "request"
        for part in ast.walk(node)
    )


def test_no_text_is_declared_safe():
    marked = [
        f"{path}:{call.lineno}"
        for path, tree in SOURCES
        for call, name in calls(tree)
        if name in ("mark_safe", "SafeString")
    ]
    shown = [path.name for path in TEMPLATES if UNESCAPED.search(path.read_text("utf-8"))]
    assert (marked, shown) == ([], [])
    assert len(TEMPLATES) > 50


def test_no_script_and_no_style_stands_in_a_page():
    found = [f"{path.name}: {hit[0]}" for path in TEMPLATES for hit in INLINE.finditer(path.read_text("utf-8"))]
    assert found == []


def test_sql_is_written_where_it_is_declared():
    found = {path for path, tree in SOURCES for _, name in calls(tree) if name in CALLS_OF_SQL}
    assert found <= set(RAW_SQL)


def test_no_order_and_no_filter_name_comes_from_a_request():
    """A sort, a filter's name or a format read from a request would let a client name a column."""
    wrong = []
    for path, tree in SOURCES:
        for call, name in calls(tree):
            ordered = name in ("order_by", "values", "values_list", "only", "annotate", "alias") and any(
                map(reads_request, call.args)
            )
            named = name in ("filter", "exclude", "get", "annotate", "alias", "aggregate") and any(
                keyword.arg is None and reads_request(keyword.value) for keyword in call.keywords
            )
            wrong += [f"{path}:{call.lineno}"] if ordered or named else []
    assert wrong == []


def test_screens_and_interactions_query_no_table():
    """Views, forms and FHIR interactions read through queries: no manager is named there."""
    doors = [(path, tree) for path, tree in SOURCES if path.endswith(("views.py", "forms.py")) or "/rest/" in path]
    assert len(doors) > 20
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in doors
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    ]
    assert wrong == []


def test_no_code_is_made_from_text_and_nothing_is_unpickled():
    never = {"eval", "exec", "loads_unsafe", "unsafe_load", "system", "popen"}
    wrong = [f"{path}:{call.lineno} {name}" for path, tree in SOURCES for call, name in calls(tree) if name in never]
    wrong += [
        f"{path} imports {alias.name}"
        for path, tree in SOURCES
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] in ("pickle", "marshal", "shelve", "yaml", "dill")
    ]
    assert wrong == []


COMMANDS = {path.stem for path in ROOT.glob("*/management/commands/*.py")} | {"check", "migrate"}
TARGETS = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
OURS = ("tests/", "docs/", "pathway/", "accounts/", "fhir_bridge/", "ppa/")


def absent(told: str) -> list[str]:
    """Return what a line names in quotes that is not there: a path, a test of a module, a trial, a target, a command.

    A bare module stands beside the one named before it, or is the only one of its name; `::test` is of the one before.
    """
    wrong, module = [], ROOT / "tests"
    for name in re.findall(r"`([^`]+)`", told):
        path, _, test = name.split()[0].partition("::")
        if not path:
            wrong += [] if has_test(module, test) else [name]
        elif path.startswith(OURS) or re.fullmatch(r"test_\w+\.py|attack\.py", path):
            module = _module(path, module)
            held = module.is_file() and (has_test(module, test) if test else _has_trial(module, name))
            wrong += [] if held or (not test and _is_there(path)) else [name]
        elif path in ("make", "manage.py"):
            wrong += [] if name.split()[1] in (TARGETS if path == "make" else COMMANDS) else [name]
    return wrong


def _module(path: str, before: Path) -> Path:
    """Return where a path leads; a bare name without a place leads nowhere."""
    if "/" in path:
        return ROOT / path
    places = [before.parent / path] if (before.parent / path).is_file() else list((ROOT / "tests").rglob(path))
    return places[0] if len(places) == 1 else ROOT / path


def _has_trial(module: Path, name: str) -> bool:
    words = [word for word in name.split()[1:] if not word.startswith("--")]
    return not words or all(f'"{word}": {word}' in module.read_text("utf-8") for word in words)


def _is_there(path: str) -> bool:
    """Tell whether a folder, a document by the beginning of its name, or a pattern leads to something."""
    return "/" in path and ("*" in path or not path.endswith(".py")) and bool(list(ROOT.glob(path.rstrip("/") + "*")))


def test_each_promise_names_what_exists():
    """A line of docs/security.md that names a test, a trial, a command or a document names one that is there."""
    told = (ROOT / "docs" / "security.md").read_text("utf-8")
    table = told[told.index("| promise |") :].split("\n\n")[0].splitlines()
    assert len(table) > 8
    assert [line for line in table[2:] if "`" not in line and "whole test suite" not in line] == []
    assert {line.split("|")[1].strip(): absent(line) for line in table[2:] if absent(line)} == {}


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ("`tests/matrix/test_doors.py::test_a_row_at_its_doors`", []),
        ("`tests/matrix/test_doors.py::test_gone`", ["tests/matrix/test_doors.py::test_gone"]),
        ("`tests/matrix/test_doors.py`, `::test_a_row_at_its_doors`, `::test_gone`", ["::test_gone"]),
        ("`test_locks.py`, `test_gone.py`", ["test_gone.py"]),
        ("`test_keys.py`", ["test_keys.py"]),
        ("`tests/integration/accounts/systems/test_backend_services.py`; `test_keys.py`", []),
        ("`tests/matrix/test_gone.py`, `tests/gone`, `tests/matrix`", ["tests/matrix/test_gone.py", "tests/gone"]),
        ("`attack.py sweep`, `attack.py gone --postgres`", ["attack.py gone --postgres"]),
        ("`docs/adr/0016`, `docs/adr/9999`, `make gone`", ["docs/adr/9999", "make gone"]),
        ("`manage.py check`, `manage.py gone`", ["manage.py gone"]),
    ],
)
def test_the_reader_of_promises_reads(told, wrong):
    assert absent(told) == wrong


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x.order_by(request.GET['sort'])", True),
        ("x.order_by('name')", False),
        ("f(request.headers.get('a'))", True),
        ("f(self.request)", False),
    ],
)
def test_the_reader_of_requests_reads(source, found):
    assert reads_request(ast.parse(source)) is found
