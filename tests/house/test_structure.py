"""The tree keeps its shape."""

import ast

from tests.support import tree

TOP_LEVEL = {
    "manage.py", "pathway", "ppa", "fhir_bridge", "accounts", "templates", "tests", "pyproject.toml", "README.md",
    "Makefile", "requirements", "docs", "deploy", "var",
}  # fmt: skip
SAYS_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "process",
    "data",
    "info",
    "misc",
    "common",
    "core",
}


def test_the_top_level_holds_what_the_architecture_names() -> None:
    strangers = (
        {path.name for path in tree.ROOT.iterdir() if not path.name.startswith(".")} - TOP_LEVEL - {"__pycache__"}
    )
    assert strangers == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = [path for path in tree.files(".py") if SAYS_NOTHING & {path.stem, path.parent.name}]
    assert [tree.shown(path) for path in names] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        tree.shown(path)
        for path, module in tree.modules()
        if not ast.get_docstring(module) and not (path.name == "__init__.py" and "tests" in path.parts)
    ]
    assert silent == []


def test_every_feature_says_what_it_is_for_and_has_whole_floors() -> None:
    wanted = {"views": "urls", "urls": "views", "forms": "views", "commands": "records"}
    missing = [
        f"{tree.shown(feature)}: {floor}.py without {other}.py"
        for feature in tree.features()
        for floor, other in wanted.items()
        if (feature / f"{floor}.py").is_file() and not (feature / f"{other}.py").is_file()
    ]
    assert missing == []


def test_no_feature_of_the_stack_imports_upwards_by_a_string() -> None:
    """Signals and lazy imports would hide an edge from import-linter."""
    above = {
        "accounts": ("ppa", "pathway", "fhir_bridge"),
        "ppa": ("pathway", "fhir_bridge"),
        "pathway": ("fhir_bridge",),
    }
    hidden = [
        tree.shown(path, call.lineno)
        for path, module in tree.modules()
        if (app := path.relative_to(tree.ROOT).parts[0]) in above
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).endswith(("import_module", "import_string"))
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and str(call.args[0].value).split(".")[0] in above[app]
    ]
    assert hidden == []


def test_fhir_models_are_those_of_r4b() -> None:
    """The bare package is R5: a silent loss."""
    bare = []
    for path, module in tree.modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Import | ast.ImportFrom):
                origin = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                bare += [tree.shown(path, node.lineno) for alias in node.names if is_bare_fhir(f"{origin}{alias.name}")]
    assert bare == []


def is_bare_fhir(name: str) -> bool:
    return name == "fhir.resources" or (
        name.startswith("fhir.resources.") and not name.startswith("fhir.resources.R4B")
    )


def test_a_bare_fhir_model_would_be_seen() -> None:
    assert is_bare_fhir("fhir.resources.patient.Patient")
    assert not is_bare_fhir("fhir.resources.R4B.patient.Patient")
