"""Who is mailed: each sender is named here, mails functions that may receive a mail, and says nothing of anybody.

The row of the customer's table is `notification_email.receive_without_health_content`: no right is asked when a mail leaves.
"""

import ast
import re

import pytest

from accounts.kernel.actor import Role
from tests.support import tree

RIGHT = "notification_email\treceive_without_health_content"
OURS = ("accounts", "fhir_bridge", "pathway", "ppa")
OFFICER = frozenset({Role.PRIVACY_OFFICER})
MAILED: dict[str, frozenset[Role] | str] = {
    "accounts/audit/witnesses.py": "a checkpoint of the audit, to the place outside that keeps it",
    "accounts/authentication/tasks.py": OFFICER,
    "accounts/break_glass/tasks.py": OFFICER,
    "accounts/documents/tasks.py": OFFICER | {Role.BED_MANAGER, Role.PHYSICIAN, Role.NURSE, Role.COORDINATOR},
    "accounts/guests/tasks.py": "a link, to a professional who has no account yet",
    "accounts/people/tasks.py": OFFICER,
    "ppa/acceptances/tasks.py": "a link, to the person designated",
}
"""By sender, the functions that it mails, or who else."""
NEUTRAL = frozenset({"at", "reference", "address", "before", "file"})
"""What a mail may be filled with: an instant, the reference of an access, an address of this site or of a file on it."""


def calls(path, name):
    """Return the calls of a function in a module."""
    every = ast.walk(ast.parse((tree.ROOT / path).read_text("utf-8")))
    return [one for one in every if isinstance(one, ast.Call) and getattr(one.func, "id", "") == name]


def test_each_sender_is_named_and_mails_the_functions_it_says():
    modules = [str(path.relative_to(tree.ROOT)) for root in OURS for path in (tree.ROOT / root).rglob("*.py")]
    assert sorted(path for path in modules if calls(path, "send_mail")) == sorted(MAILED)
    for path, mailed in MAILED.items():
        named = [ast.unparse(one.args[1]) for one in calls(path, "addresses_of")]
        expected = [] if isinstance(mailed, str) else [f"Role.{role.name}" for role in mailed]
        assert sorted(set(named)) == sorted(expected), path


def test_no_mail_is_filled_with_anything_of_a_person():
    texts = sorted((tree.ROOT / "templates" / "emails").iterdir())
    assert len(texts) >= 5
    for path in texts:
        filled = set(re.findall(r"{{\s*(\w+)", path.read_text("utf-8")))
        assert filled <= NEUTRAL, path.name


@pytest.mark.shared
def test_the_functions_that_are_mailed_may_be(shared):
    lines = (shared / "authz_matrix.tsv").read_text("utf-8").splitlines()
    may = {line.split("\t")[0] for line in lines if RIGHT in line and line.split("\t")[3] == "allow"}
    mailed = {role for roles in MAILED.values() if not isinstance(roles, str) for role in roles}
    assert mailed
    assert mailed <= may
