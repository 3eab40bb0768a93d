"""What no committed file may say."""

import ast
import re
from functools import cache

import pytest

from accounts.access.permissions import Permission
from accounts.access.rules import ATOMS, ELSEWHERE
from accounts.staff import words
from tests.support import tree

REGISTRIES = ("files.python" + "hosted.org", "py" + "pi.org", "registry.npm" + "js.org", "proxy.go" + "lang.org")
MACHINE_PATHS = re.compile(r"(?<![\w.$}])/(?:" + "root/|home/[a-z]+/|work/(?:main|shared)|Users/" + ")")
POSTPONED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*(?:\bsrc=|application/json))", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
}


def test_no_file_names_a_registry() -> None:
    assert [tree.shown(path) for path, text in tree.texts() if any(host in text for host in REGISTRIES)] == []


def test_no_file_names_a_path_of_somebody_s_machine() -> None:
    assert [tree.shown(path) for path, text in tree.texts() if MACHINE_PATHS.search(text)] == []


def test_nothing_is_postponed_in_a_comment() -> None:
    places = [
        tree.shown(path, number)
        for path, text in tree.texts()
        if path.suffix in {".py", ".html", ".css", ".js", ".md"}
        for number, line in enumerate(text.splitlines(), 1)
        if POSTPONED.search(line)
    ]
    assert places == []


@pytest.mark.parametrize("what", INLINE)
def test_no_template_carries(what: str) -> None:
    strip_comments = re.compile(r"{#.*?#}|{% comment.*?%}.*?{% endcomment %}", re.DOTALL)
    found = [
        tree.shown(path)
        for path in tree.files(".html", under="templates")
        if INLINE[what].search(strip_comments.sub("", path.read_text()))
    ]
    assert found == []


def test_only_tests_read_the_material_beside_the_clone() -> None:
    readers = [
        tree.shown(path)
        for app in tree.APPS
        for path in tree.files(".py", under=app)
        if "../shared" in path.read_text()
    ]
    assert readers == []


def test_every_environment_variable_is_in_the_table_of_the_readme() -> None:
    readme = tree.ROOT / "README.md"
    assert readme.is_file(), "README.md is missing: it holds the table of the environment variables."
    text = readme.read_text()
    assert sorted(name for name in environment_variables() if f"`{name}`" not in text) == []


@cache
def environment_variables() -> frozenset[str]:
    """Return the names that the settings, the apps and the launcher read from the environment."""
    names: set[str] = set()
    for path, module in tree.modules():
        if "tests" in path.parts:
            continue
        for node in ast.walk(module):
            call = (
                ast.unparse(node.func)
                if isinstance(node, ast.Call)
                else ast.unparse(node.value)
                if isinstance(node, ast.Subscript)
                else ""
            )
            if not re.fullmatch(r"(\w+\.)?env(\.\w+)?|os\.environ(\.get|\.setdefault)?|os\.getenv", call):
                continue
            first = (
                node.args[:1] if isinstance(node, ast.Call) else [node.slice] if isinstance(node, ast.Subscript) else []
            )
            names |= {str(part.value) for part in first if isinstance(part, ast.Constant) and str(part.value).isupper()}
    return frozenset(names)


def test_the_reader_of_environment_variables_sees_those_of_the_settings() -> None:
    assert {"DATABASE_URL", "BROKER_URL", "MASTER_KEY_FILE", "ALLOWED_HOSTS", "PORT"} <= environment_variables()


def test_each_right_and_each_condition_has_its_french_words() -> None:
    """Whoever gives functions reads them on « Voir comme… »: a new right brings its words (`accounts.staff.words`)."""
    asked = [permission.partition(".") for permission in Permission]
    assert sorted({subject for subject, _, _ in asked} - set(words.OBJECTS)) == []
    assert sorted({act for _, _, act in asked} - set(words.ACTS)) == []
    assert sorted((set(ATOMS) | set(ELSEWHERE)) - set(words.CONDITIONS)) == []


PLAIN_SPACE = re.compile(r"\S ([:;?!»])(?=$|[\s<\"',.)])|« ", re.MULTILINE)
"""A plain space where French asks for one that never ends a line: before « : ; ? ! » » and after « « »."""


def test_no_line_of_a_page_begins_with_a_french_sign() -> None:
    code = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
    found = [
        f"{tree.shown(path)}: {match[0]!r}"
        for path in tree.files(".html", under="templates")
        for match in PLAIN_SPACE.finditer(code.sub("x", path.read_text()))
    ]
    assert found == []
