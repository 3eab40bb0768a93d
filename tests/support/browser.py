"""A small browser without scripts: follows links, fills the forms that a page really shows, signs in with both factors."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

STEP_SECONDS = 30


class PageError(AssertionError):
    """A page is not the one that a person would expect here."""


@dataclass(slots=True)
class Form:
    """One form of a page: its fields with their present values, as a browser would send them."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None
        self._link: str | None = None
        self._link_text: list[str] = []
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._skip = True
        elif tag == "a" and "href" in given:
            self._link, self._link_text = given["href"], []
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._read_control(tag, given)

    def _read_control(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name = given.get("name", "")
        if tag == "button" and given.get("type", "submit") == "submit":
            self._form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            self._read_input(self._form, name, given)
        elif tag == "select":
            self._select = name
            self._form.fields.setdefault(name, [])
        elif tag == "option" and self._select:
            value = given.get("value", "")
            self._form.choices.setdefault(self._select, []).append(value)
            if "selected" in given or not self._form.fields[self._select]:
                self._form.fields[self._select] = [value]
        elif tag == "textarea" and name:
            self._area = name
            self._form.fields.setdefault(name, [""])

    def _read_input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        form.kinds[name] = kind
        if kind in ("checkbox", "radio"):
            value = given.get("value", "on")
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.fields.setdefault(name, []).append(value)
        elif kind == "submit":
            form.buttons.append((name, value))
        elif kind != "file":
            form.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._skip = False
        elif tag == "a" and self._link is not None:
            self.links.append((" ".join("".join(self._link_text).split()), self._link))
            self._link = None
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        if self._area is not None and self._form is not None:
            self._form.fields[self._area][0] += data
            return
        self.text.append(data)
        if self._link is not None:
            self._link_text.append(data)
        if self._form is not None:
            self._form.text += data


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class Browser:
    """One person's session over HTTP."""

    def __init__(self, base: str) -> None:
        self.http = httpx.Client(base_url=base, follow_redirects=True, timeout=30)
        self.page: httpx.Response = httpx.Response(200, text="")
        self._read = _Reader()
        self.clicks = 0

    def open(self, address: str, *, expect: int = 200) -> "Browser":
        """Go to an address of the site."""
        return self._arrive(self.http.get(address), expect)

    def follow(self, label: str) -> "Browser":
        """Click the first link whose text contains `label`."""
        for text, href in self._read.links:
            if label.casefold() in text.casefold():
                self.clicks += 1
                return self._arrive(self.http.get(urljoin(str(self.page.url), href)), 200)
        raise PageError(f"No link « {label} » on {self.where}: {[text for text, _ in self._read.links][:40]}")

    def submit(
        self,
        *,
        to: str = "",
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        expect: int = 200,
        **values: Any,
    ) -> "Browser":
        """Fill and send the form whose address contains `to` (else the first one that has the named fields).

        A value that is no choice of its field, or a field that the form lacks, is an error of the test.
        """
        form = self._form(to, values, files)
        sent = {name: list(present) for name, present in form.fields.items()}
        for name, value in values.items():
            wanted = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
            if name in form.choices and not set(wanted) <= set(form.choices[name]):
                raise PageError(f"{name}={wanted} is no choice on {self.where}: {form.choices[name][:30]}")
            sent[name] = wanted
        self.clicks += 1
        target = urljoin(str(self.page.url), form.action)
        headers = {"Referer": str(self.page.url), "Origin": self.origin}
        return self._arrive(self.http.post(target, data=sent, files=dict(files or {}), headers=headers), expect)

    def sign_in(self, account: Mapping[str, str]) -> "Browser":
        """Give the password, then the code of the second factor."""
        self.open("/connexion/")
        self.submit(login=account["username"], password=account["password"])
        self.submit(code=totp(account["totp_secret"]))
        if self.where == "/connexion/code/":  # a code counts once, and this account has just come in with it
            time.sleep(STEP_SECONDS - time.time() % STEP_SECONDS)
            self.submit(code=totp(account["totp_secret"]))
        return self

    @property
    def where(self) -> str:
        """The path of the present page."""
        return urlsplit(str(self.page.url)).path

    @property
    def origin(self) -> str:
        """The scheme and host of the site."""
        parts = urlsplit(str(self.page.url))
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def text(self) -> str:
        """What the page says, blanks folded."""
        return " ".join("".join(self._read.text).split())

    def forms(self) -> Iterator[Form]:
        """Give the forms of the page, in order."""
        yield from self._read.forms

    def has_form(self, to: str) -> bool:
        """Tell whether the page has a form whose address contains `to`."""
        return any(form.method == "post" and to in form.action for form in self._read.forms)

    def links_to(self, path: str) -> list[str]:
        """Return the addresses of the page's links that contain `path`, in order."""
        return [href for _, href in self._read.links if path in href]

    def must_say(self, *sentences: str) -> "Browser":
        """Raise `PageError` unless the page holds each sentence."""
        said = self.text.replace("\xa0", " ").replace("\u202f", " ")
        for sentence in sentences:
            if sentence not in said:
                raise PageError(f"« {sentence} » is not on {self.where}: {said[:1500]}")
        return self

    def _arrive(self, response: httpx.Response, expect: int) -> "Browser":
        self.page = response
        self._read = _Reader()
        if "html" in response.headers.get("content-type", ""):
            self._read.feed(response.text)
        if response.status_code != expect:
            raise PageError(
                f"{response.request.method} {self.where}: {response.status_code}, not {expect}: {self.text[:1500]}"
            )
        return self

    def _form(self, to: str, values: Mapping[str, Any], files: Mapping[str, Any] | None) -> Form:
        for form in self._read.forms:
            known = {*form.fields, *form.choices, *(name for name, _ in form.buttons)}
            if form.method == "post" and to in urljoin(str(self.page.url), form.action) and set(values) <= known:
                return form
        raise PageError(
            f"No form for {sorted(values)} {to!r} on {self.where}: "
            f"{[(form.action, sorted({*form.fields, *form.choices})) for form in self._read.forms]}; {self.text[:600]}"
        )


def totp(secret: str, *, at: float | None = None) -> str:
    """Return the six digits of a TOTP secret (RFC 6238, SHA-1, 30 s)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int((time.time() if at is None else at) // STEP_SECONDS))
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def first_uuid(text: str) -> str:
    """Return the first UUID in a text, such as an address; raise `PageError` when there is none."""
    found = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)
    if not found:
        raise PageError(f"No identifier in {text!r}")
    return found[0]
