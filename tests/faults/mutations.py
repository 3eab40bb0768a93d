"""Right inputs made wrong, one way at a time, with a seed: what comes out breaks a rule that its sender could have known.

`fhir_bodies`, `searches`, `headers`, `token_forms` and `page_forms` each return one wrong input, named by what is
wrong with it.
"""

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
Place = tuple[Any, Any]
"""A holder (object or list) and the key or index of one of its values."""

NARRATIVES = (
    "<script>alert(1)</script>", '<a href="javascript:alert(1)">x</a>', "<svg onload='alert(1)'/>", "<p onclick='x()'>a</p>",
    "<iframe src='https://ailleurs.example'/>", "<img src='https://ailleurs.example/x.png'/>", "<p>", "<style>p{}</style>",
    "<p style='background:url(https://ailleurs.example)'>a</p>", "<!DOCTYPE x [<!ENTITY a 'b'>]><p>&a;</p>", "<?php x ?>",
)  # fmt: skip
REFERENCES = (
    "https://ailleurs.example/fhir/Patient/1", "//ailleurs.example/Patient/1", "javascript:alert(1)", "file:///etc/passwd",
    "Patient/../../etc/passwd", "Patient/", "urn:uuid:1", "urn:uuid:6d8f1d4e-0000-4000-8000-00000000ffff", "",
    "http://127.0.0.1:1/Patient/1", "Patient/1/_history/", "patient/1",
)  # fmt: skip
DATES = (
    "hier",
    "2026-02-31",
    "2026-13-01",
    "31/12/2026",
    "2026-1-1",
    "0000-01-01",
    "99999-01-01",
    "2026-01-01T25:00:00Z",
)
IDS = ("a" * 65, "../1", "a b", "", "é", "a\n", "%2e%2e")
CODES = ("pirate", "", "MALE", "male ", "ｍale")
DATE_MEMBERS = frozenset({"birthDate", "authoredOn", "recordedDate", "sent"})
CODE_MEMBERS = frozenset({"gender", "status", "use", "intent"})
TEXTS = ("a\x00b", "a\x1bb", "\ud800", "\udc00a", "\ufffe", "a\x7fb")
NUMBERS = (
    "12345678901",
    "1e100",
    "1.1234567890123456789",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999999",
    "-",
    "01",
    "+1",
    ".5",
)


class Mutator:
    """Makes wrong inputs from right ones, always the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def fhir_body(self, right: Json) -> tuple[str, bytes, dict[str, str]]:
        """Return what is wrong, the body, and headers beyond the usual ones."""
        if self.dice.random() < 0.65:
            name = self.dice.choice(sorted(TREE))
            made = TREE[name](self, copy.deepcopy(right))
            return name, json.dumps(made, ensure_ascii=True).encode(), {}
        name = self.dice.choices(
            sorted(BYTES), weights=[0.02 if one.startswith("big") else 1 for one in sorted(BYTES)]
        )[0]
        body, headers = BYTES[name](self, json.dumps(right).encode())
        return name, body, headers

    def place(self, root: Any, wanted: Callable[[Any, Any], bool] | None = None) -> Place:
        """Return one place of a tree, below its root, whose key and value fit; the first member when none does."""
        fitting = [one for one in places(root) if wanted is None or wanted(one[1], one[0][one[1]])]
        return self.dice.choice(fitting or list(places(root))[:1])

    def holder(self, root: Any) -> Json:
        """Return one object of a tree."""
        return self.dice.choice([root, *(h[k] for h, k in places(root) if isinstance(h[k], dict))])


def places(root: Any) -> Iterator[Place]:
    """Give every place of a tree."""
    keys = list(root) if isinstance(root, dict) else range(len(root))
    for key in keys:
        yield root, key
        if isinstance(root[key], dict | list):
            yield from places(root[key])


def _is_text(key: Any, value: Any) -> bool:
    return isinstance(value, str)


def _wrong_type(by: Mutator, tree: Json) -> Json:
    holder, key = by.place(tree, lambda k, v: k != "valueBoolean")
    present = holder[key]
    others: list[Any] = [{"x": 1}, [1], 1, True, "x"]
    kinds = {dict: 0, list: 1, int: 2, bool: 3, str: 4}
    others.pop(kinds[type(present)])
    if isinstance(present, str):
        others = [{"x": 1}, [1], 1, True]
    holder[key] = by.dice.choice(others)
    return tree


def _unknown_member(by: Mutator, tree: Json) -> Json:
    by.holder(tree)[
        by.dice.choice(["couleur", "__proto__", "constructor", "$where", "Name", "status_", "id\u200b"])
    ] = "x"
    return tree


def _put(name: str, *values: Any) -> Callable[[Mutator, Json], Json]:
    def made(by: Mutator, tree: Json) -> Json:
        by.holder(tree)[name] = by.dice.choice(values)
        return tree

    return made


def _replace(
    values: tuple[Any, ...], wanted: Callable[[Any, Any], bool] | None = None
) -> Callable[[Mutator, Json], Json]:
    def made(by: Mutator, tree: Json) -> Json:
        holder, key = by.place(tree, wanted)
        holder[key] = by.dice.choice(values)
        return tree

    return made


def _narrative(by: Mutator, tree: Json) -> Json:
    inner = by.dice.choice(NARRATIVES)
    resource = by.dice.choice([one for one in _resources(tree) if one["resourceType"] != "Bundle"])
    resource["text"] = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}
    return tree


def _resources(tree: Json) -> list[Json]:
    return [tree, *(entry["resource"] for entry in tree.get("entry", []))]


def _bad_text(by: Mutator, tree: Json) -> Json:
    holder, key = by.place(tree, _is_text)
    holder[key] = by.dice.choice(TEXTS)
    return tree


def _on_resource(change: Callable[[Mutator, Json], object]) -> Callable[[Mutator, Json], Json]:
    def made(by: Mutator, tree: Json) -> Json:
        change(by, by.dice.choice([one for one in _resources(tree) if one["resourceType"] != "Bundle"]))
        return tree

    return made


def _deep(by: Mutator, tree: Json) -> Json:
    inner: Any = {"url": "x"}
    for _ in range(by.dice.randint(20, 200)):
        inner = {"url": "x", "extension": [inner]}
    return _on_resource(lambda _, one: one.update(extension=[inner]))(by, tree)


def _bundle_fault(by: Mutator, tree: Json) -> Json:
    if "entry" not in tree:
        tree["resourceType"] = by.dice.choice(["Grille", "../Patient", "", "Patient ", "__class__"])
        return tree
    entries = tree["entry"]
    entry = by.dice.choice(entries)
    faults: list[Callable[[], object]] = [
        lambda: tree.update(type=by.dice.choice(["document", "history", "collection", "x", ""])),
        lambda: entry["request"].update(method=by.dice.choice(["DELETE", "GET", "BREW", "post", ""])),
        lambda: entry["request"].update(
            url=by.dice.choice(["../admin", "Patient/1/x", "", "https://ailleurs.example/Patient"])
        ),
        lambda: entry.pop("request"),
        lambda: entry.pop("resource"),
        lambda: entries.append(copy.deepcopy(entry)),
        lambda: entries.extend(entries * 40),
        lambda: tree.update(entry=[]),
        lambda: tree.update(entry={"0": entry}),
        lambda: entry["resource"].update(resourceType=by.dice.choice(["Grille", "", 1, None, ["Patient"]])),
        lambda: entries.remove(next(one for one in entries if one["resource"].get("resourceType") == "Patient")),
    ]
    by.dice.choice(faults)()
    return tree


TREE: dict[str, Callable[[Mutator, Json], Json]] = {
    "wrong JSON type": _wrong_type,
    "unknown member": _unknown_member,
    "null": _replace((None,)),
    "empty value": _replace(("", [], {})),
    "control character or lone surrogate": _bad_text,
    "hostile narrative": _narrative,
    "unknown modifier": _on_resource(lambda _, one: one.update(modifierExtension=[{"url": "x", "valueBoolean": True}])),
    "implicit rules": _on_resource(lambda _, one: one.update(implicitRules="https://ailleurs.example/rules")),
    "bad id": _on_resource(lambda by, one: one.update(id=by.dice.choice(IDS))),
    "bad reference": _on_resource(
        lambda by, one: one.update(
            extension=[{"url": "x", "valueReference": {"reference": by.dice.choice(REFERENCES)}}]
        )
    ),
    "bad date": _replace(DATES, lambda key, value: key in DATE_MEMBERS),
    "bad code": _replace(CODES, lambda key, value: key in CODE_MEMBERS),
    "decimal as a string": _on_resource(
        lambda _, one: one.update(extension=[{"url": "x", "valueDecimal": "1e1000000"}])
    ),
    "foreign type inside": _on_resource(lambda _, one: one.update(contained=[{"resourceType": "Grille"}])),
    "bad base64": _on_resource(lambda _, one: one.update(extension=[{"url": "x", "valueBase64Binary": "!!"}])),
    "nested too deep": _deep,
    "two values of one choice": _on_resource(
        lambda _, one: one.update(extension=[{"url": "x", "valueString": "a", "valueInteger": 1}])
    ),
    "fault of the whole": _bundle_fault,
}


def _number(by: Mutator, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body[:1] + f'"x":{by.dice.choice(NUMBERS)},'.encode() + body[1:], {}


def _duplicate(by: Mutator, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body[:1] + b'"resourceType":"Patient",' + body[1:], {}


def _cut(by: Mutator, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body[: by.dice.randrange(len(body) - 1)], {}


def _broken_utf8(by: Mutator, body: bytes) -> tuple[bytes, dict[str, str]]:
    at = body.index(b'"', 10) + 1
    return body[:at] + by.dice.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"]) + body[at:], {}


def _content_type(by: Mutator, body: bytes) -> tuple[bytes, dict[str, str]]:
    kinds = (
        "text/plain",
        "application/fhir+xml",
        "application/json; charset=latin-1",
        "",
        "application/fhir+json;fhirVersion=5.0",
        "x",
    )
    return body, {"Content-Type": by.dice.choice(kinds)}


def _wrapped(before: bytes, after: bytes) -> Callable[[Mutator, bytes], tuple[bytes, dict[str, str]]]:
    return lambda by, body: (before + body + after, {})


BYTES: dict[str, Callable[[Mutator, bytes], tuple[bytes, dict[str, str]]]] = {
    "number out of bounds": _number,
    "member twice": _duplicate,
    "cut off": _cut,
    "broken UTF-8": _broken_utf8,
    "another content type": _content_type,
    "compressed": lambda by, body: (gzip.compress(body), {"Content-Encoding": by.dice.choice(["gzip", "br", "deflate"])}),
    "compressed, untold": lambda by, body: (gzip.compress(body), {}),
    "byte order mark": _wrapped(b"\xef\xbb\xbf", b""),
    "UTF-16": lambda by, body: (body.decode().encode("utf-16"), {}),
    "two documents": _wrapped(b"", b"{}"),
    "a list of it": _wrapped(b"[", b"]"),
    "raw control character": _wrapped(b'{"x":"\x01",', b""),
    "comment": _wrapped(b"/* */", b""),
    "trailing comma": lambda by, body: (body[:-1] + b",}", {}),
    "single quotes": lambda by, body: (body.replace(b'"', b"'"), {}),
    "brackets": lambda by, body: (by.dice.choice([b"[", b'{"a":', b"[{"]) * by.dice.randint(100, 5000), {}),
    "random bytes": lambda by, body: (by.dice.randbytes(by.dice.randint(0, 400)), {}),
    "another kind of JSON": lambda by, body: (by.dice.choice([b"null", b"1", b'""', b"[]", b"{}", b"true"]), {}),
    "big: too many bytes": lambda by, body: (body[:-1] + b',"x":"' + b"a" * 5_300_000 + b'"}', {}),
    "big: too many nodes": lambda by, body: (body[:-1] + b',"x":[' + b"1," * 20_001 + b"1]}", {}),
}  # fmt: skip

SEARCHES = (
    "nom=x", "name:inexact=abc", "name:contains=abc", "birthdate=hier", "birthdate=gt1950-01-01", "birthdate=2026-02-31", "_count=-1",
    "_count=abc", "_count=1.5", "_count=", "_sort=name", "_sort=x;drop", "_include=Patient:x", "_include=*", "_revinclude=x:y:z:t",
    "name=%00", "name=%ff", "identifier=%00|1", "_lastUpdated=x", "_lastUpdated=gt2026-13-01", "_id=", "_total=maybe",
    "_has:Observation:patient:code=1", "patient.name=x", "_filter=name eq x", "_text=x", "_content=x", "_query=x", "_elements=;",
    "_page=x", "_page=AAAA&_count=1", "_format=xml", "name=a", "_summary=peut-être", "&".join(f"name=ab{n}" for n in range(200)),
    "name=%ed%a0%80", "_contained=oui", "gender:not-a-modifier=male", "_type=Patient", "_since=2026", "x" * 3000 + "=1",
)  # fmt: skip
"""Searches of persons that this server does not do; none of them may answer an empty set instead of a refusal."""

TOKEN_CHANGES: dict[str, tuple[str, ...]] = {
    "grant_type": ("", "password", "authorization_code", "\x00", "client_credentials "),
    "scope": ("", "system/Patient.sr", "openid", "system/*.*", "x" * 9000, "\x00", "system/Grille.r"),
    "client_assertion_type": ("", "x", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
    "client_assertion": ("", ".", "..", "a.b.c", "e30.e30.", "x" * 20_000, "\x00", "é.é.é", "eyJhbGciOiJub25lIn0.e30."),
}

FIELD_FAULTS: dict[str, tuple[str, ...]] = {
    "date": ("2026-13-45", "hier", "\x00", "99999-01-01", "0000-00-00"),
    "datetime-local": ("2026-13-45T99:99", "x", "\x00"),
    "hidden": ("x", "-1", "\x00", "00000000-0000-0000-0000-00000000000g"),
    "choice": ("n’existe-pas", "\x00", "' OR 1=1 --"),
    "text": ("a\x00b", "x" * 400_000, "\x00"),
}
