"""Each rule of the law names a test that is there."""

import ast
import re

from tests.support import tree

CELL = re.compile(r"`([\w/]*\.py)?::(\w+)`")
WORDINGS = ("verified", "bill", "assumed")


def rows() -> list[list[str]]:
    """Return the cells of every row of the tables."""
    lines = (tree.ROOT / "docs" / "law.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] not in ("rule", "---")]


def test_each_rule_names_its_source_its_wording_and_a_test_that_exists() -> None:
    wrong = []
    for rule, source, version, wording, proof in rows():
        named, path = CELL.findall(proof), ""
        if not (source and version and named and wording.startswith(WORDINGS)):
            wrong.append(f"{rule}: incomplete")
        for file, name in named:
            path = file or path
            module = tree.ROOT / path
            defined = ast.walk(ast.parse(module.read_text("utf-8"))) if path and module.is_file() else ()
            if not any(isinstance(node, ast.FunctionDef) and node.name == name for node in defined):
                wrong.append(f"{rule}: {path}::{name} is no test")
    assert len(rows()) > 20
    assert wrong == []
