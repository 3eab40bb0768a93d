"""What is counted, and how a figure is shown."""

from enum import StrEnum


class Kind(StrEnum):
    """One kind of situation, counted in persons."""

    ANNOUNCEMENT = "announcement"
    PLAN_SIGNED = "plan_signed"
    DIRECTIVE = "directive"
    INCLUDED = "included"
    REQUEST = "request"
    ADMITTED = "admitted"
    DECLINED = "declined"
    RAPID_RESPONSE = "rapid_response"
    DISCHARGED = "discharged"


KIND_LABELS = {
    Kind.ANNOUNCEMENT: "Annonces d’une maladie grave",
    Kind.PLAN_SIGNED: "Plans signés",
    Kind.DIRECTIVE: "Directives enregistrées",
    Kind.INCLUDED: "Inclusions par le DAC",
    Kind.REQUEST: "Demandes envoyées",
    Kind.ADMITTED: "Admissions",
    Kind.DECLINED: "Demandes sans place",
    Kind.RAPID_RESPONSE: "Appels à une équipe rapide",
    Kind.DISCHARGED: "Séjours terminés",
}

COUNTED: dict[Kind, tuple[str, str]] = {
    Kind.ANNOUNCEMENT: ("announcement", "record"),
    Kind.PLAN_SIGNED: ("plan", "sign"),
    Kind.DIRECTIVE: ("directive", "record"),
    Kind.INCLUDED: ("case", "include"),
    Kind.REQUEST: ("referral", "send"),
    Kind.ADMITTED: ("referral_line", "admit"),
    Kind.DECLINED: ("referral_line", "decline"),
    Kind.RAPID_RESPONSE: ("eri_sp_alert", "raise"),
    Kind.DISCHARGED: ("stay", "finish"),
}
"""The deed that each kind counts: aggregate and deed, as the transition rows name them."""


class Cube(StrEnum):
    """A table that is published: whose figures it holds."""

    TERRITORY = "territory"
    ORGANISATION = "organisation"


class Shown(StrEnum):
    """How a figure is shown: as it is, as smaller than eleven, or not at all, so that no other can be computed."""

    VALUE = "value"
    SMALL = "small"
    KEPT_BACK = "kept_back"
