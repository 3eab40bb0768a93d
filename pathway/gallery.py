"""The gallery: every component in every state, with invented content. Not served in production."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.access.doors import public
from accounts.kernel.form_fields import day
from ppa.assessments.trend import trend_of

LONG_NAME: Final = "DE LA ROCHEFOUCAULD-MONTBELIARD-VANDERSTRAETEN"
TONES: Final = ("neutral", "ok", "warn", "crit", "info")

DESK: Final = {
    "person_name": "Camille Exemple",
    "organisation_name": "DAC des Trois Vallées (fictif)",
    "role_label": "Gestionnaire de parcours",
    "is_demo": True,
    "search_url": "#recherche",
    "links": [
        {"url": "#a-faire", "label": "À faire aujourd’hui", "icon": "home", "count": 7, "current": True},
        {"url": "#reponses", "label": "Réponses reçues", "icon": "inbox", "count": 3, "current": False},
        {"url": "#personnes", "label": "Mes personnes", "icon": "users", "count": None, "current": False},
        {"url": "#places", "label": "Places et équipes", "icon": "bed", "count": None, "current": False},
        {"url": "#activite", "label": "Activité", "icon": "chart", "count": None, "current": False},
    ],
}

ROWS: Final = (
    {
        "name": "TESTE Augustine",
        "detail": "F · 12/12/1934 · INS qualifiée",
        "reason": "Douleur mal soulagée malgré deux passages par jour",
        "place": "Domicile, Valfictif",
        "tone": "crit",
        "state": "Sans réponse",
        "clock": {"elapsed": "26 h", "target": "24 h", "percent": 100, "state": "late"},
    },
    {
        "name": f"{LONG_NAME} Marie-Bérengère",
        "detail": "F · 03/02/1949 · INS à vérifier",
        "reason": "Retour à domicile à préparer avec la HAD",
        "place": "USP Les Tilleuls (fictif)",
        "tone": "warn",
        "state": "Complément demandé",
        "clock": {"elapsed": "20 h", "target": "24 h", "percent": 83, "state": "soon"},
    },
    {
        "name": "بن يوسف ياسمينة 🌿",
        "detail": "F · 28/06/1943 · INS qualifiée",
        "reason": "Répit pour l’aidant principal",
        "place": "Domicile, Montinvente",
        "tone": "ok",
        "state": "Accord de principe",
        "clock": {"elapsed": "2 h 10", "target": "24 h", "percent": 9, "state": "ok"},
    },
)

SCORES: Final = ((date(2026, 11, 2), Decimal(7)), (date(2026, 11, 9), Decimal(5)), (date(2026, 11, 20), Decimal(3)))

DAYS: Final = (
    {
        "date": date(2026, 11, 20),
        "events": (
            {
                "time": datetime(2026, 11, 20, 15, 40, tzinfo=UTC),
                "title": "Admission en unité de soins palliatifs",
                "text": "Les autres demandes ont été closes et les équipes prévenues.",
                "who": "Dr Sacha Modèle",
                "where": "USP Les Tilleuls (fictif)",
                "icon": "bed",
                "tone": "ok",
                "url": "#sejour",
            },
            {
                "time": datetime(2026, 11, 20, 9, 5, tzinfo=UTC),
                "title": "Alerte ERI-SP",
                "who": "Infirmière libérale",
                "icon": "bell",
                "tone": "crit",
            },
        ),
    },
    {
        "date": date(2026, 11, 12),
        "events": (
            {"title": "Projet personnalisé d’accompagnement partagé", "icon": "clipboard", "tone": "info"},
            {"time": "matin", "title": "Directives anticipées remises", "icon": "document-check"},
        ),
    },
)

LANES: Final = {
    "width": 960,
    "height": 190,
    "axis_x": 150,
    "ticks": [{"x": 200, "label": "12 oct."}, {"x": 440, "label": "26 oct."}, {"x": 680, "label": "9 nov."}],
    "today_x": 905.5,
    "rows": [
        {
            "y": 55,
            "label": "Hôpital",
            "spans": [{"x": 215, "width": 170, "label": "Oncologie", "tone": "info"}],
            "points": [],
        },
        {
            "y": 100,
            "label": "Domicile, HAD",
            "spans": [{"x": 390, "width": 380, "label": "Hospitalisation à domicile", "tone": "ok"}],
            "points": [],
        },
        {
            "y": 145,
            "label": "Alertes",
            "spans": [],
            "points": [
                {"x": 470, "label": "Appel de la fille", "tone": "warn"},
                {"x": 770, "label": "Douleur", "tone": "crit"},
            ],
        },
    ],
    "table": [
        {"lane": "Hôpital", "when": "du 13 au 23 octobre", "label": "Oncologie"},
        {"lane": "Domicile, HAD", "when": "du 23 octobre au 14 novembre", "label": "Hospitalisation à domicile"},
        {"lane": "Alertes", "when": "28 octobre", "label": "Appel de la fille"},
        {"lane": "Alertes", "when": "14 novembre", "label": "Douleur"},
    ],
}

STEPS: Final = (
    {"label": "Identité", "state": "done", "url": "#identite"},
    {"label": "Situation", "state": "done", "url": "#situation"},
    {"label": "Souhaits de la personne", "state": "current"},
    {"label": "Accord", "state": "todo"},
)

TABS: Final = (
    {"label": "Synthèse", "url": "#synthese", "current": True},
    {"label": "Projet", "url": "#projet", "current": False},
    {"label": "Demandes", "url": "#demandes", "current": False, "count": 2},
    {"label": "Cercle de soins", "url": "#cercle", "current": False},
    {"label": "Documents", "url": "#documents", "current": False},
)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Nom de naissance", help_text="Tel qu’il figure sur la pièce d’identité.")
    born_on = day("Date de naissance")
    place = forms.ChoiceField(
        label="Lieu de soins souhaité",
        choices=[("", "À choisir"), ("home", "Domicile"), ("usp", "Unité de soins palliatifs")],
        help_text="Le souhait d’aujourd’hui ; il peut changer.",
    )
    urgency = forms.ChoiceField(
        label="Urgence",
        choices=[("today", "Aujourd’hui"), ("week", "Dans la semaine"), ("later", "Pas maintenant")],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label="Besoins repérés",
        choices=[("pain", "Douleur"), ("carer", "Fatigue de l’aidant"), ("night", "Nuits difficiles")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    informed = forms.BooleanField(label="La personne est informée de cette demande et ne s’y oppose pas")
    note = forms.CharField(label="Ce qu’il faut savoir", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    document = forms.FileField(label="Document", help_text="PDF ou photographie, 20 Mo au plus.", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=3)


def gallery_context(*, url: str) -> dict[str, Any]:
    """Return what the gallery shows; `url` is the address that its live part asks again."""
    return {
        "desk": DESK,
        "live_url": url,
        "born_on": date(1934, 12, 12),
        "since": datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
        "long_name": LONG_NAME,
        "tones": TONES,
        "rows": ROWS,
        "days": DAYS,
        "lanes": LANES,
        "trend": trend_of(SCORES, low=Decimal(0), high=Decimal(10)),
        "steps": STEPS,
        "tabs": TABS,
        "crumbs": ({"label": "Mes personnes", "url": "#personnes"},),
        "empty_form": SampleForm(prefix="empty"),
        "refused_form": SampleForm(
            QueryDict("refused-name=TESTE&refused-needs=pain&refused-version=3"), prefix="refused"
        ),
    }


@public("components with invented content, never in production")
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state; its live part never has anything new."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return render(request, "gallery.html", gallery_context(url=request.path))
