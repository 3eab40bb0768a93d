"""The look: the gallery renders, the colours can be read, the pages stay light and obey the content security policy."""

import gzip
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template, engines
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django_cotton.compiler_regex import CottonCompiler

from pathway.gallery import gallery_context

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "pathway" / "static"
TEMPLATES = ROOT / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
ERROR_PAGES = sorted((TEMPLATES / "errors").glob("*.html"))

TEXT_ON_GROUND = [
    (text, ground)
    for text in ("ink", "muted", "link", "neutral", "ok", "warn", "crit", "info", "accent")
    for ground in ("paper", "surface", "sunken")
]
TEXT_ON_TONE = [
    *((tone, f"{tone}-soft") for tone in ("neutral", "ok", "warn", "crit", "info")),
    *(("ink", f"{tone}-soft") for tone in ("neutral", "ok", "warn", "crit", "info", "primary")),
    *(("link", f"{tone}-soft") for tone in ("neutral", "ok", "warn", "info", "primary")),
    ("muted", "primary-soft"),
    ("on-primary", "primary"),
    ("on-primary", "primary-strong"),
]
BORDERS = [(line, ground) for line in ("line-strong", "focus", "primary") for ground in ("paper", "surface", "sunken")]


class Refuse(str):
    """Stands for an unknown variable and fails when a template prints it."""

    __slots__ = ()

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"a template prints the unknown variable {name}")

    def __contains__(self, text: object) -> bool:
        return text == "%s"


class Page(HTMLParser):
    """What the tests look at in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute))]


@pytest.fixture
def _strict_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = engines["django"]
    assert isinstance(backend, DjangoTemplates)
    monkeypatch.setattr(backend.engine, "string_if_invalid", Refuse("%s"))


@pytest.fixture
def gallery(_strict_templates: None) -> str:
    return render_to_string("gallery.html", gallery_context(url="/galerie/"))


def render(source: str, **context: object) -> str:
    return Template(CottonCompiler().process(source)).render(Context(context))


def tokens(scheme: str) -> dict[str, str]:
    light, dark = (STATIC / "css" / "tokens.css").read_text().split("@media")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def sprite_icons() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons" / "sprite.svg").read_text()))


def named_icons() -> Iterator[tuple[str, str]]:
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text()
        for name in re.findall(r'(?:\{% icon |\bicon=|\bicon_end=)"([a-z][a-z-]*)"', source):
            yield path.name, name
        for name in re.findall(r"sprite\.svg#([a-z-]+)", source):
            yield path.name, name


def test_contrast_is_computed_as_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND + TEXT_ON_TONE)
def test_text_can_be_read(text: str, ground: str, scheme: str):
    colours = tokens(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), BORDERS)
def test_borders_of_controls_can_be_seen(line: str, ground: str, scheme: str):
    colours = tokens(scheme)
    assert contrast(colours[line], colours[ground]) >= 3


def test_dark_scheme_decides_every_colour_again():
    light, dark = (STATIC / "css" / "tokens.css").read_text().split("@media")
    assert set(re.findall(r"--([\w-]+): #", light)) == set(re.findall(r"--([\w-]+): #", dark))


def test_colours_are_decided_in_the_tokens_only():
    assert re.findall(r"#[0-9a-f]{6}\b|rgb\(", (STATIC / "css" / "app.css").read_text()) == []


def test_styles_use_known_tokens_only():
    known = set(re.findall(r"--([\w-]+):", (STATIC / "css" / "tokens.css").read_text()))
    assert set(re.findall(r"var\(--([\w-]+)\)", (STATIC / "css" / "app.css").read_text())) <= known


def test_pages_stay_light():
    styles = b"".join(path.read_bytes() for path in (STATIC / "css").glob("*.css"))
    assert len(styles) <= 60_000
    assert len(gzip.compress(styles)) <= 30_000
    assert len((STATIC / "icons" / "sprite.svg").read_bytes()) <= 15_000
    assert sum(len(path.read_bytes()) for path in (STATIC / "js").glob("*.js")) <= 5_000


def test_gallery_shows_every_component():
    source = (TEMPLATES / "gallery.html").read_text() + "".join(path.read_text() for path in COMPONENTS)
    missing = [path.stem for path in COMPONENTS if not re.search(rf"<c-{path.stem}[\s/>]", source)]
    assert missing == []


def test_gallery_leaves_no_component_unrendered(gallery: str):
    assert "<c-" not in gallery
    assert "{%" not in gallery
    assert "{{" not in gallery
    assert "LA ROCHEFOUCAULD" in gallery


def test_gallery_obeys_the_content_security_policy(gallery: str):
    page = Page(gallery)
    assert [tag for tag, attributes in page.tags if "style" in attributes] == []
    assert [name for _, attributes in page.tags for name in attributes if name.startswith("on")] == []
    assert [tag for tag, _ in page.tags if tag == "style"] == []
    assert [attributes for tag, attributes in page.tags if tag == "script" and not attributes.get("src")] == []


def test_gallery_has_one_heading_one_main_and_unique_ids(gallery: str):
    page = Page(gallery)
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert names.count("main") == 1
    ids = page.values("id")
    assert sorted(ids) == sorted(set(ids))


def test_labels_and_descriptions_point_at_something(gallery: str):
    page = Page(gallery)
    ids = set(page.values("id"))
    pointed = {*page.values("for"), *" ".join(page.values("aria-describedby")).split()}
    summary = {value[1:] for value in page.values("href") if value.startswith("#id_")}
    assert pointed | summary <= ids
    assert summary


def test_every_icon_is_in_the_sprite(gallery: str):
    icons = sprite_icons()
    assert [(page, name) for page, name in named_icons() if name not in icons] == []
    assert set(re.findall(r"sprite[^#\"]*#([a-z-]+)", gallery)) <= icons


def test_cheat_sheet_names_every_component_and_icon():
    sheet = (ROOT / "docs" / "components.md").read_text()
    assert [path.stem for path in COMPONENTS if f"`c-{path.stem}`" not in sheet] == []
    assert [icon for icon in sprite_icons() if f"`{icon}`" not in sheet] == []


@pytest.mark.parametrize("page", ERROR_PAGES, ids=lambda path: path.stem)
@pytest.mark.usefixtures("_strict_templates")
def test_error_pages_need_no_context_and_say_what_to_do(page: Path):
    html = render_to_string(f"errors/{page.name}")
    assert 'href="/"' in html
    assert "<h1>" in html
    assert page.stem not in re.sub(r"<[^>]+>", "", html)
    assert "'" not in re.sub(r"<[^>]+>", "", html)


def test_every_status_has_its_page():
    assert {path.stem for path in ERROR_PAGES} == {
        "400", "403", "404", "405", "409", "412", "413", "422", "429", "500", "503",
    }  # fmt: skip


def test_error_page_shows_the_sentence_of_the_refusal():
    html = render_to_string("errors/409.html", {"message": "La place vient d’être attribuée.", "reference": "AB12"})
    assert "La place vient d’être attribuée." in html
    assert "AB12" in html


def test_text_is_escaped_once():
    html = render('<c-tag label="{{ name }}" /><c-card title="{{ name }}">{{ name }}</c-card>', name="<b>&")
    assert html.count("&lt;b&gt;&amp;") == 3
    assert "&amp;lt;" not in html


def test_parameters_of_a_parent_do_not_leak_into_its_children():
    html = render('<c-card title="Dehors" icon="bell" tone="crit"><c-card><c-tag label="dedans" /></c-card></c-card>')
    assert html.count("Dehors") == 1
    assert html.count("#bell") == 1
    assert html.count("card-crit") == 1


def test_button_is_a_link_or_submits():
    assert render('<c-button href="/a/" label="Voir" />').strip().startswith('<a class="btn')
    submitting = render('<c-button label="Envoyer" name="go" value="1" />')
    assert 'type="submit"' in submitting
    assert 'name="go"' in submitting


def test_numbers_stay_numbers_in_french():
    html = render('<c-clock elapsed="3 h" :percent="percent" /><c-progress :value="percent" label="x" />', percent=12.5)
    assert html.count('value="12.5"') == 2


def test_clock_says_in_words_that_the_delay_is_over():
    html = render('<c-clock elapsed="26 h" target="24 h" :percent="100" state="late" />')
    assert "Attente" in html
    assert "délai de 24 h dépassé" in html


def test_form_without_error_has_no_summary():
    class Empty(forms.Form):
        name = forms.CharField(label="Nom")

    assert "error-summary" not in render('<c-error_summary :form="form" />', form=Empty())
    assert "error-summary" in render('<c-error_summary :form="form" />', form=Empty({}))


def test_first_day_of_a_month_is_written_as_the_french_do():
    days = [{"date": date(2026, 11, 1), "events": []}, {"date": date(2026, 11, 2), "events": []}]
    html = render('<c-timeline :days="days" />', days=days)
    assert "dimanche 1er novembre 2026" in html
    assert "lundi 2 novembre 2026" in html
