"""The gate, broken in every small way: each broken form must fail a test of the gate.

The tests are gathered once; then, for one broken form after the other, a copy of the process puts it in the place of the module
and runs those of that module until one fails. No file is changed. The crawls over every page have no part in it: what they
alone would find has no test that says which promise is broken.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Q

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.faults import forks  # noqa: E402 (the tree is found just above)

ACCESS = "tests/integration/accounts/access/"
RIGHTS, ROWS = "tests/unit/accounts/test_rights.py", "tests/matrix/test_rows.py"
GATE, STANDING, SIGHT = (f"{ACCESS}test_{name}.py" for name in ("gate", "standing", "sight"))
MODULES = {
    "rules": (RIGHTS, ROWS),
    "gate": (GATE, STANDING),
    "standing": (STANDING, GATE),
    "sight": (SIGHT,),
    "records": (RIGHTS,),
}
"""The modules of the gate, each with its tests in the order in which they are tried."""
TESTS = tuple(sorted({file for files in MODULES.values() for file in files}))
SECONDS = 120
UNBROKEN = ("the gate as it stands, before", "the gate as it stands, after")
"""It passes all the tests at both ends: none that fails by itself after a time finds anything out."""
OURS = ("accounts", "ppa", "pathway", "fhir_bridge", "tests")
NOT_DECISIONS = {
    "load_matrix": "reads the table at the start",
    "check_stated_date": "a date on a form",
    "check_claim": "a text on a form",
    "check_agreed": "the fields of a form",
    "check_refused": "the fields of a form",
    "open_trail": "the life of the trail, not what is decided",
    "current_trail": "the life of the trail, not what is decided",
    "Receipt": "what a command hands back",
    "RecordSharingConsent": "the input of a command",
    "RecordOpposition": "the input of a command",
    "Standing._parts": "what was worked out already",
}
"""What decides nothing about access, each with what it does instead."""
EQUAL: dict[str, str] = {
    "rules._any_of: len(atoms) == 1: condition always false": "any of one atom is that atom: it spares a call",
    "rules._rule: True turned": "`zip` takes a list and one made from it: neither is longer than the other",
    "rules.decide: standing is not situation.standing: condition always true": "a copy with the same standing: it spares the copy",
}
"""Forms that answer as the gate itself, by name, each with the reason. They are tried too: none of them may be found out."""


@dataclass(frozen=True)
class Mutant:
    """One broken form: the nth change of a module; its name holds as long as the expression that it breaks."""

    module: str
    number: int
    name: str

    def __str__(self) -> str:
        return self.name


SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.And: ast.Or, ast.Or: ast.And, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
SQL = {
    r" AND ": " OR ", r" OR ": " AND ", r" <= ": " > ", r" > ": " <= ", r"IS NULL": "IS NOT NULL", r"NOT IN": "IN", r"(?<!NOT) IN ": " NOT IN ",
    r" = ": " <> ",
}  # fmt: skip
Change = tuple[str, Callable[[Any], Any]]


def changes(tree: ast.Module) -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """Give each small change as the node, its name, and what does it."""
    times: Counter[str] = Counter()
    for place, node in decisions(tree):
        for says, does in CHANGES_OF.get(type(node), lambda _: iter(()))(node):
            name = ": ".join(filter(None, [place, _shown(node), says]))
            times[name] += 1
            yield node, f"{name} ({times[name]})" if times[name] > 1 else name, does


def _shown(node: Any) -> str:
    broken = node.test if isinstance(node, ast.If | ast.IfExp) else node
    return "" if isinstance(broken, ast.Constant | ast.Dict) else ast.unparse(broken)


def _of_bool(node: ast.BoolOp) -> Iterator[Change]:
    yield "and/or swapped", lambda n: setattr(n, "op", SWAPPED[type(n.op)]())
    for index in range(len(node.values)):
        yield (
            f"operand {index} dropped",
            lambda n, i=index: n.values.__setitem__(i, ast.Constant(isinstance(n.op, ast.And))),
        )


def _of_compare(node: ast.Compare) -> Iterator[Change]:
    for index in range(len(node.ops)):
        yield "comparison turned", lambda n, i=index: n.ops.__setitem__(i, SWAPPED[type(n.ops[i])]())


def _of_binary(node: ast.BinOp) -> Iterator[Change]:
    if type(node.op) in SWAPPED:
        yield "& and | swapped", lambda n: setattr(n, "op", SWAPPED[type(n.op)]())


def _of_unary(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not | ast.Invert):
        yield "not dropped", _drop_not


def _of_if(node: ast.If | ast.IfExp) -> Iterator[Change]:
    yield "condition always true", lambda n: setattr(n, "test", ast.Constant(True))
    yield "condition always false", lambda n: setattr(n, "test", ast.Constant(False))


def _of_call(node: ast.Call) -> Iterator[Change]:
    if getattr(node.func, "id", "") in ("any", "all"):
        yield "any/all swapped", lambda n: setattr(n.func, "id", "all" if n.func.id == "any" else "any")
    if getattr(node.func, "attr", "") in ("filter", "exclude"):
        for index in range(len(node.args)):
            yield f"argument {index} of a filter dropped", lambda n, i=index: n.args.pop(i)
        for index, given in enumerate(node.keywords):
            yield f"{given.arg} dropped from a filter", lambda n, i=index: n.keywords.pop(i)


def _of_set(node: ast.Set) -> Iterator[Change]:
    for index, one in enumerate(node.elts):
        yield f"{ast.unparse(one)} dropped", lambda n, i=index: n.elts.pop(i)


def _of_table(node: ast.Dict) -> Iterator[Change]:
    for index, key in enumerate(node.keys):
        if key:
            yield f"{ast.unparse(key)} dropped", lambda n, i=index: (n.keys.pop(i), n.values.pop(i))


def _of_constant(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield f"{node.value} turned", lambda n: setattr(n, "value", not n.value)
    if isinstance(node.value, str):
        for word, other in SQL.items():
            for found in re.finditer(word, node.value):
                around = node.value[max(0, found.start() - 20) : found.end() + 20]
                yield (
                    f"{word.strip()} turned in SQL, {around!r}",
                    lambda n, at=found, to=other: setattr(n, "value", n.value[: at.start()] + to + n.value[at.end() :]),
                )


CHANGES_OF: dict[type[ast.AST], Callable[[Any], Iterator[Change]]] = {
    ast.BoolOp: _of_bool, ast.Compare: _of_compare, ast.BinOp: _of_binary, ast.UnaryOp: _of_unary, ast.If: _of_if, ast.IfExp: _of_if, ast.Call: _of_call,
    ast.Set: _of_set, ast.Dict: _of_table, ast.Constant: _of_constant,
}  # fmt: skip


def decisions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Give the nodes of what decides, each with the name of what it stands in: annotations, docstrings and declared helpers left out."""
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom) or _name(statement) in NOT_DECISIONS:
            continue
        if isinstance(statement, ast.ClassDef):
            parts = ((f"{statement.name}.{_name(part)}", part) for part in statement.body)
            for name, part in parts:
                yield from _walk(name, part) if name not in NOT_DECISIONS else ()
        else:
            yield from _walk(_name(statement), statement)


def _name(statement: Any) -> str:
    target = getattr(statement, "target", None) or getattr(statement, "targets", [None])[0]
    return getattr(statement, "name", "") or getattr(target, "id", "")


def _walk(name: str, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    yield name, node
    if isinstance(node, ast.Dict):
        for key, one in zip(node.keys, node.values, strict=True):
            yield from _walk(f"{name}[{ast.unparse(key)}]" if key else name, one)
        return
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(name, child)


def _drop_not(node: ast.UnaryOp) -> None:
    node.operand = ast.UnaryOp(type(node.op)(), node.operand)  # twice is not at all


def file_of(module: str) -> Path:
    """Return the file of a module of the gate."""
    return ROOT / "accounts" / "access" / f"{module}.py"


@cache
def source(module: str) -> str:
    """Return the text of a module as it was when the trial began."""
    return file_of(module).read_text("utf-8")


def mutants() -> list[Mutant]:
    """Return every broken form of the modules."""
    found = []
    for module in MODULES:
        names = (name for _, name, _ in changes(ast.parse(source(module))))
        found += [Mutant(module, number, f"{module}.{name}") for number, name in enumerate(names)]
    return found


def broken(mutant: Mutant) -> CodeType:
    """Return the code of a module with its nth change."""
    tree = ast.parse(source(mutant.module))
    node, _, change = next(islice(changes(tree), mutant.number, None))
    change(node)
    return compile(ast.fix_missing_locations(tree), str(file_of(mutant.module)), "exec")


def put_in_place(fresh: ModuleType) -> None:
    """Give every function and table of the loaded module its broken form, wherever they were imported to."""
    for name, old in dict(vars(sys.modules[fresh.__name__])).items():
        if not name.startswith("__") and not isinstance(old, ModuleType):
            _transplant(old, vars(fresh)[name])


def _transplant(old: Any, new: Any) -> None:
    if hasattr(old, "cache_clear"):
        old.cache_clear()
    if old is new:
        return
    if isinstance(old, type):
        for name, method in vars(old).items():
            if isinstance(method, FunctionType) and (name == "__init__" or not name.startswith("__")):
                _transplant(method, vars(new)[name])
    elif hasattr(old, "__wrapped__"):
        _transplant(old.__wrapped__, new.__wrapped__)
    elif isinstance(old, FunctionType):
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
    elif isinstance(old, dict):
        _transplant_table(old, new)
    elif isinstance(old, frozenset | Q) and old != new:
        _replace_everywhere(old, new)


def _transplant_table(old: dict[Any, Any], new: dict[Any, Any]) -> None:
    if any(isinstance(one, FunctionType) for one in old.values()):
        for key, one in old.items():
            _transplant(one, new[key])
    else:
        old.clear()
        old.update(new)


def _replace_everywhere(old: Any, new: Any) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(OURS):
            for there in [there for there, one in vars(module).items() if one is old]:
                setattr(module, there, new)


class Trial:
    """A pytest plugin: instead of running the tests once, it runs them for each broken form, in a copy of the process."""

    def __init__(self, chosen: Sequence[Mutant | None], out: Path) -> None:
        self.chosen = chosen
        self.out = out

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every broken form; write its name and the test that found it out, "" for none, `None` for a copy that died.

        One test runs before the copies are made: they take its database along in their memory, instead of migrating each.
        """
        first = next(item for item in session.items if item.nodeid.startswith(STANDING))
        _run(first, session.items[-1])
        assert not session.testsfailed, f"the gate as it stands fails {first.nodeid}"
        with self.out.open("w") as fates:
            for number, fate in forks.as_they_end(self.chosen, lambda one: _fate(session, one), seconds=SECONDS):
                name = str(self.chosen[number] or UNBROKEN[number > 0])
                print(json.dumps([name, fate], ensure_ascii=False), file=fates, flush=True)
        return True


def _tests(items: list[pytest.Item], mutant: Mutant | None) -> list[pytest.Item]:
    """Return the tests of a broken form in their order, file by file; all of them for the gate as it stands."""
    files = MODULES[mutant.module] if mutant else TESTS
    return [item for file in files for item in items if item.nodeid.startswith(f"{file}::")]


def _run(item: pytest.Item, following: pytest.Item | None) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _fate(session: pytest.Session, mutant: Mutant | None) -> str:
    """Return the first test that fails on a broken form; "" when every test passes."""
    settings.AUDIT_DIRECTORY = Path(settings.AUDIT_DIRECTORY) / f"copy-{os.getpid()}"
    settings.RESERVE_DIR = Path(settings.RESERVE_DIR) / f"copy-{os.getpid()}"
    if mutant is not None:
        code = broken(mutant)
        fresh = ModuleType(f"accounts.access.{mutant.module}")
        try:
            exec(code, vars(fresh))  # noqa: S102 (the project's own code, with one change)
        except Exception:  # noqa: BLE001 (no process starts with it)
            return "the start of the application"
        put_in_place(fresh)
    items = _tests(session.items, mutant)
    for item, following in zip(items, [*items[1:], None], strict=True):
        _run(item, following)
        if session.testsfailed:
            return item.nodeid
    return ""


def main() -> None:
    """Try every nth broken form; write the fates, one a line as JSON, as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default="", help="those whose name holds this")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    chosen = [one for one in mutants() if given.only in str(one)][:: given.every]
    trial = Trial([None, *chosen, None], given.out)
    sys.exit(pytest.main(["-q", "-n", "0", "--hypothesis-seed", "0", *TESTS], plugins=[trial]))


def run(*, every: int) -> dict[str, Any]:
    """Break the gate in every nth way and return how many of the broken forms were found out."""
    with tempfile.TemporaryDirectory(prefix="ppa-mutants-") as folder:
        out = Path(folder) / "fates.jsonl"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pathway.settings.test",
            "DATABASE_URL": "sqlite://:memory:",
        }
        command = [sys.executable, __file__, "--every", str(every), str(out)]
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
        return judged(dict(map(json.loads, out.read_text().splitlines())))


def judged(fates: dict[str, str | None]) -> dict[str, Any]:
    """Return the figures of a trial, from the fate of each form by its name, that of the unbroken gate among them."""
    unbroken = {name: fates.pop(name) for name in UNBROKEN}
    found = {name: fate for name, fate in fates.items() if fate}
    left = [name for name, fate in fates.items() if not fate and name not in EQUAL]
    known = {str(one) for one in mutants()}
    return {
        "broken forms of the gate": len(fates),
        "found out": len(found),
        "equal to the gate": len(fates) - len(found) - len(left),
        "found out by": dict(Counter(fate.partition("::")[0] for fate in found.values()).most_common()),
        "failures": [f"not found out: {name}" for name in left]
        + [f"called equal, but found out by {found[name]}: {name}" for name in EQUAL if name in found]
        + [f"called equal, but no such form: {name}" for name in EQUAL if name not in known]
        + [f"{name}, fails {fate or 'to end'}" for name, fate in unbroken.items() if fate != ""],
    }


if __name__ == "__main__":
    main()
