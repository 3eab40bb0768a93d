"""The gate, broken in every small way: each broken form must fail a test of the gate.

One form at a time is compiled into a fresh process in the place of the module; no file is changed. The tests of the rules run
first, those with a database only on what survives them.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODULES = {"accounts.access.rules": "accounts/access/rules.py", "accounts.access.gate": "accounts/access/gate.py"}
FAST = ("tests/matrix/test_rows.py", "tests/unit/accounts/test_rights.py")
SLOW = (
    "tests/integration/accounts/access", "tests/integration/accounts/test_commands.py", "tests/integration/accounts/break_glass",
    "tests/integration/test_doors.py", "tests/matrix/test_doors.py",
)  # fmt: skip
CHOSEN = "MUTANT"
SECONDS = 600
NOT_DECISIONS = {
    "load_matrix",
    "check_stated_date",
    "check_claim",
    "check_agreed",
    "check_refused",
    "open_trail",
    "current_trail",
}
"""Functions that decide nothing about access: reading the table at the start, checks of a form, the trail's own life."""


@dataclass(frozen=True)
class Mutant:
    """One broken form: the nth change of a module."""

    module: str
    number: int
    line: int
    says: str


SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.And: ast.Or, ast.Or: ast.And, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
Change = tuple[str, Callable[[Any], Any]]


def changes(tree: ast.Module) -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    """Give each small change as the node, what it says, and what does it."""
    for node in decisions(tree):
        for says, does in CHANGES_OF.get(type(node), lambda _: iter(()))(node):
            yield node, says, does


def _of_bool(node: ast.BoolOp) -> Iterator[Change]:
    yield "and/or swapped", lambda n: setattr(n, "op", SWAPPED[type(n.op)]())
    for index in range(len(node.values)):
        yield (
            f"operand {index} dropped",
            lambda n, i=index: n.values.__setitem__(i, ast.Constant(isinstance(n.op, ast.And))),
        )


def _of_compare(node: ast.Compare) -> Iterator[Change]:
    yield "comparison turned", lambda n: n.ops.__setitem__(0, SWAPPED[type(n.ops[0])]())


def _of_binary(node: ast.BinOp) -> Iterator[Change]:
    if type(node.op) in SWAPPED:
        yield "& and | swapped", lambda n: setattr(n, "op", SWAPPED[type(n.op)]())


def _of_unary(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not | ast.Invert):
        yield "not dropped", _drop_not


def _of_if(node: ast.If) -> Iterator[Change]:
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


def _of_constant(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield f"{node.value} turned", lambda n: setattr(n, "value", not n.value)


CHANGES_OF: dict[type[ast.AST], Callable[[Any], Iterator[Change]]] = {
    ast.BoolOp: _of_bool, ast.Compare: _of_compare, ast.BinOp: _of_binary, ast.UnaryOp: _of_unary, ast.If: _of_if, ast.Call: _of_call,
    ast.Constant: _of_constant,
}  # fmt: skip


def decisions(tree: ast.Module) -> Iterator[ast.AST]:
    """Give the nodes of what decides: annotations, docstrings and declared helpers left out."""
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom) or getattr(statement, "name", "") in NOT_DECISIONS:
            continue
        if isinstance(statement, ast.ClassDef):
            continue
        yield from _walk(statement)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)


def _drop_not(node: ast.UnaryOp) -> None:
    node.operand = ast.UnaryOp(type(node.op)(), node.operand)  # twice is not at all


def mutants() -> list[Mutant]:
    """Return every broken form of both modules."""
    found = []
    for module, path in MODULES.items():
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        found += [Mutant(module, number, node.lineno, says) for number, (node, says, _) in enumerate(changes(tree))]
    return found


def broken(module: str, number: int) -> CodeType:
    """Return the code of a module with its nth change."""
    path = ROOT / MODULES[module]
    tree = ast.parse(path.read_text("utf-8"))
    node, _, change = list(changes(tree))[number]
    change(node)
    return compile(ast.fix_missing_locations(tree), str(path), "exec")


class Finder(MetaPathFinder):
    """Gives the broken form when the module is imported."""

    def __init__(self, module: str, number: int) -> None:
        self.module, self.number = module, number

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Answer for the one module."""
        if fullname != self.module:
            return None
        return spec_from_loader(fullname, Loader(self.module, self.number))


class Loader(SourceFileLoader):
    """Loads the broken form as if it stood in the file."""

    def __init__(self, module: str, number: int) -> None:
        super().__init__(module, str(ROOT / MODULES[module]))
        self.number = number

    def get_code(self, fullname: str) -> CodeType:
        """Return the broken code."""
        return broken(fullname, self.number)


def is_killed(mutant: Mutant) -> bool:
    """Tell whether a test of the gate fails on a broken form."""
    return _fails(mutant, FAST) or _fails(mutant, SLOW)


def _fails(mutant: Mutant, tests: tuple[str, ...]) -> bool:
    environment = {
        **os.environ,
        CHOSEN: f"{mutant.module}:{mutant.number}",
        "DJANGO_SETTINGS_MODULE": "pathway.settings.test",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "tests.faults.mutants", *tests]
    try:
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    return run.returncode != 0


def trial(*, every: int, at_once: int = 2) -> dict[str, Any]:
    """Break the gate in every nth way and return how many of the broken forms were found out."""
    chosen = mutants()[::every]
    with ThreadPoolExecutor(at_once) as pool:
        killed = list(pool.map(is_killed, chosen))
    left = [f"{one.module}:{one.line} {one.says}" for one, dead in zip(chosen, killed, strict=True) if not dead]
    score = round(100 * sum(killed) / len(killed), 1)
    return {
        "broken forms of the gate": len(chosen),
        "found out": sum(killed),
        "per cent": score,
        "not found out": left,
        "failures": [] if score >= 95 else ["too many broken gates pass the tests"],
    }


if CHOSEN in os.environ:
    _module, _, _number = os.environ[CHOSEN].partition(":")
    sys.meta_path.insert(0, Finder(_module, int(_number)))
