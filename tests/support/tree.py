"""The files of the project, as the house tests read them."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "ppa", "pathway", "fhir_bridge")
NOT_OURS = {".git", ".venv", "var", ".hypothesis", "__pycache__"}
TEXT = {
    ".py",
    ".html",
    ".txt",
    ".md",
    ".toml",
    ".css",
    ".js",
    ".json",
    ".tsv",
    ".csv",
    ".yaml",
    ".yml",
    ".sh",
    ".svg",
    ".conf",
    ".service",
    ".typ",
    "",
}


def files(*suffixes: str, under: str = ".") -> Iterator[Path]:
    """Yield our files, in order; without a suffix, every file that is not a cache."""
    place = ROOT / under
    for path in _ours():
        if path.is_relative_to(place) and (not suffixes or path.suffix in suffixes):
            yield path


@cache
def _ours() -> tuple[Path, ...]:
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        found += [Path(folder, name) for name in names if name not in NOT_OURS]
    return tuple(sorted(found))


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every Python module of the project with its syntax tree, migrations left out."""
    for path in files(".py"):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text(), filename=str(path))


def texts() -> Iterator[tuple[Path, str]]:
    """Yield every text file with its content."""
    for path in files(*TEXT):
        try:
            yield path, path.read_text()
        except UnicodeDecodeError:
            continue


def features() -> Iterator[Path]:
    """Yield the feature packages of the three domain apps."""
    for app in ("accounts", "ppa", "pathway"):
        for package in sorted((ROOT / app).iterdir()):
            if (package / "__init__.py").is_file() and package.name not in {"settings", "management", "migrations"}:
                yield package


def has_test(path: Path, name: str) -> bool:
    """Tell whether a module is there and defines a test of this name."""
    if not (path.is_file() and name.startswith("test_")):
        return False
    return any(
        isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(ast.parse(path.read_text()))
    )


def shown(path: Path, line: int | None = None) -> str:
    """Return a path as a reader of the test wants it."""
    return f"{path.relative_to(ROOT)}{f':{line}' if line else ''}"
