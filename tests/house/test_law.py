"""Each rule of the law names a test that is there."""

import re

from tests.support import tree

CELL = re.compile(r"`([\w/]*\.py)?::(\w+)`")
QUOTED = re.compile(r"`[^`]*`")
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
        wrong += [f"{rule}: {one} names no test" for one in QUOTED.findall(proof) if not CELL.fullmatch(one)]
        if not (source and version and named and wording.startswith(WORDINGS)):
            wrong.append(f"{rule}: incomplete")
        for file, name in named:
            path = file or path
            if not tree.has_test(tree.ROOT / path, name):
                wrong.append(f"{rule}: {path}::{name} is no test")
    assert len(rows()) > 20
    assert wrong == []
