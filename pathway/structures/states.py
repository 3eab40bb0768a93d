"""The kinds of care offer, and what is true of every offer of a kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class OfferKind(StrEnum):
    """What a structure offers. Source: domain.md §5.2; issue 2, slice Offer."""

    USP = "usp"
    USPP = "uspp"
    LISP = "lisp"
    EMSP = "emsp"
    EMSPT = "emspt"
    EMSP_PAEDIATRIC = "emsp_paed"
    ERRSPP = "errspp"
    DAY_HOSPITAL = "hdj"
    HOME_HOSPITAL = "had"
    RAPID_RESPONSE = "eri_sp"
    SUPPORT_HOUSE = "maison"
    CARE_HOME = "ehpad"
    HOME_NURSING = "ssiad"
    COORDINATION = "dac"
    EMERGENCY = "samu"
    ON_CALL_SUPPORT = "appui"
    RESOURCE_CENTRE = "crt"
    LOCAL_NETWORK = "cpts"
    REGIONAL_CELL = "carsp"
    OTHER = "other"


class Setting(StrEnum):
    """Where the person is cared for."""

    INSIDE = "inside"
    HOME = "home"
    ANYWHERE = "anywhere"
    NONE = "none"


class Nature(StrEnum):
    """What is counted. Values are R329 codes. Source: capacity_codes.tsv."""

    BED = "01"
    PLACE = "02"
    LODGING = "03"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """What holds for every offer of a kind.

    `levels` are those of gradation (1 to 3); `max_age` and `min_age` in years, `None` when
    there is no bound. `nature` is what is counted, `None` when nothing is. `activity`
    (R211), `care_mode` (R213), `category` (R244) and `field` (R227) are the codes of the
    national directory, empty when it has none.
    """

    label: str
    long_label: str
    purpose: str
    takes_referrals: bool = False
    levels: frozenset[int] = frozenset()
    setting: Setting = Setting.NONE
    min_age: int | None = None
    max_age: int | None = None
    nature: Nature | None = None
    activity: str = ""
    care_mode: str = ""
    category: str = ""
    field: str = ""


_ADULT = 18
_MINOR = 17
_ALL = frozenset({1, 2, 3})

KINDS: Mapping[OfferKind, KindFacts] = {
    OfferKind.USP: KindFacts(
        label="USP", long_label="Unité de soins palliatifs",
        purpose="Accueille les personnes dont les symptômes ou la situation sont complexes ou instables.",
        takes_referrals=True, levels=frozenset({3}), setting=Setting.INSIDE, min_age=_ADULT, nature=Nature.BED,
        activity="170", care_mode="28", category="175", field="01",
    ),
    OfferKind.USPP: KindFacts(
        label="USPP", long_label="Unité de soins palliatifs pédiatriques",
        purpose="Accueille les enfants et les adolescents dont la situation est complexe, avec leur famille.",
        takes_referrals=True, levels=frozenset({2, 3}), setting=Setting.INSIDE, max_age=_MINOR, nature=Nature.BED,
        activity="170", care_mode="28", category="175", field="01",
    ),
    OfferKind.LISP: KindFacts(
        label="LISP", long_label="Lits identifiés de soins palliatifs",
        purpose="Accueille près de chez elles les personnes suivies par le service ou par la filière.",
        takes_referrals=True, levels=frozenset({2}), setting=Setting.INSIDE, min_age=_ADULT, nature=Nature.BED,
        activity="076", care_mode="28", field="01",
    ),
    OfferKind.EMSP: KindFacts(
        label="EMSP", long_label="Équipe mobile de soins palliatifs",
        purpose="Conseille et soutient les équipes, à l’hôpital, en établissement ou à domicile.",
        takes_referrals=True, levels=_ALL, setting=Setting.ANYWHERE, min_age=_ADULT, activity="170", care_mode="53",
        field="01",
    ),
    OfferKind.EMSPT: KindFacts(
        label="EMSPT", long_label="Équipe mobile de soins palliatifs territoriale",
        purpose="Conseille et soutient les professionnels de ville et les établissements médico-sociaux.",
        takes_referrals=True, levels=_ALL, setting=Setting.HOME, min_age=_ADULT, activity="170", care_mode="11",
        field="01",
    ),
    OfferKind.EMSP_PAEDIATRIC: KindFacts(
        label="EMSP pédiatrique", long_label="Équipe mobile de soins palliatifs pédiatriques",
        purpose="Conseille et soutient les équipes qui entourent un enfant ou un adolescent.",
        takes_referrals=True, levels=_ALL, setting=Setting.ANYWHERE, max_age=_MINOR, activity="170", care_mode="53",
        field="01",
    ),
    OfferKind.ERRSPP: KindFacts(
        label="ERRSPP", long_label="Équipe ressource régionale de soins palliatifs pédiatriques",
        purpose="Aide toute équipe qui soigne un enfant ou un adolescent, et soutient sa famille.",
        takes_referrals=True, levels=_ALL, setting=Setting.ANYWHERE, max_age=_MINOR, activity="170", care_mode="53",
        category="253", field="01",
    ),
    OfferKind.DAY_HOSPITAL: KindFacts(
        label="HDJ", long_label="Hôpital de jour de médecine palliative",
        purpose="Évalue et suit en journée, avec plusieurs professionnels, les personnes qui vivent à domicile.",
        takes_referrals=True, levels=_ALL, setting=Setting.INSIDE, min_age=_ADULT, nature=Nature.PLACE,
        activity="170", care_mode="29", field="01",
    ),
    OfferKind.HOME_HOSPITAL: KindFacts(
        label="HAD", long_label="Hospitalisation à domicile",
        purpose="Apporte au lieu de vie des soins complexes et fréquents qui demanderaient sinon l’hôpital.",
        takes_referrals=True, levels=frozenset({2, 3}), setting=Setting.HOME, nature=Nature.PLACE, activity="170",
        care_mode="31", category="128", field="01",
    ),
    OfferKind.RAPID_RESPONSE: KindFacts(
        label="ERI-SP", long_label="Équipe rapide d’intervention de soins palliatifs",
        purpose="Intervient en quelques heures au lieu de vie quand l’état d’une personne s’aggrave vite.",
        levels=frozenset({2, 3}), setting=Setting.HOME, min_age=_ADULT, activity="170", care_mode="59", field="01",
    ),
    OfferKind.SUPPORT_HOUSE: KindFacts(
        label="Maison d’accompagnement", long_label="Maison d’accompagnement et de soins palliatifs",
        purpose="Accueille les adultes dont l’état est stable et qui ne peuvent ou ne veulent pas rester chez eux.",
        takes_referrals=True, levels=frozenset({1, 2}), setting=Setting.INSIDE, min_age=_ADULT,
        nature=Nature.PLACE, activity="170", care_mode="46", field="04",
    ),
    OfferKind.CARE_HOME: KindFacts(
        label="EHPAD", long_label="Établissement d’hébergement pour personnes âgées dépendantes",
        purpose="Héberge des personnes âgées et les accompagne jusqu’au bout sur leur lieu de vie.",
        takes_referrals=True, levels=frozenset({1}), setting=Setting.INSIDE, min_age=60, nature=Nature.PLACE,
        care_mode="46", category="21", field="04",
    ),
    OfferKind.HOME_NURSING: KindFacts(
        label="SSIAD", long_label="Service de soins infirmiers à domicile",
        purpose="Assure à domicile les soins infirmiers et d’hygiène de tous les jours.",
        takes_referrals=True, levels=frozenset({1, 2}), setting=Setting.HOME, nature=Nature.PLACE, activity="571",
        care_mode="49", category="28", field="04",
    ),
    OfferKind.COORDINATION: KindFacts(
        label="DAC", long_label="Dispositif d’appui à la coordination",
        purpose="Aide les professionnels et les personnes à coordonner un parcours complexe, à tout âge.",
        levels=_ALL, setting=Setting.ANYWHERE, activity="335", care_mode="58", category="178", field="05",
    ),
    OfferKind.EMERGENCY: KindFacts(
        label="SAMU", long_label="Service d’aide médicale urgente",
        purpose="Régule les appels au 15, jour et nuit.", levels=_ALL, setting=Setting.ANYWHERE,
    ),
    OfferKind.ON_CALL_SUPPORT: KindFacts(
        label="Appui territorial", long_label="Appui territorial et astreinte de soins palliatifs",
        purpose="Répond par téléphone aux professionnels, même pour une personne que l’équipe ne connaît pas.",
        levels=_ALL, setting=Setting.ANYWHERE, activity="170",
    ),
    OfferKind.RESOURCE_CENTRE: KindFacts(
        label="CRT", long_label="Centre de ressources territorial",
        purpose="Accompagne les personnes âgées à domicile et soutient les établissements du territoire.",
        takes_referrals=True, levels=frozenset({1}), setting=Setting.HOME, min_age=60, category="136", field="04",
    ),
    OfferKind.LOCAL_NETWORK: KindFacts(
        label="CPTS", long_label="Communauté professionnelle territoriale de santé",
        purpose="Réunit les professionnels de ville d’un territoire.", category="255", field="05",
    ),
    OfferKind.REGIONAL_CELL: KindFacts(
        label="CARSP", long_label="Cellule d’animation régionale de soins palliatifs",
        purpose="Anime la filière palliative de la région : annuaire, formations, groupes de travail.",
    ),
    OfferKind.OTHER: KindFacts(
        label="Autre", long_label="Autre structure", purpose="Figure à l’annuaire pour être contactée."
    ),
}  # fmt: skip

REFERRAL_KINDS = frozenset(kind for kind, facts in KINDS.items() if facts.takes_referrals)


class Exclusion(StrEnum):
    """What an offer cannot receive; asked of the situation when structures are matched."""

    UNSTABLE = "unstable"
    VENTILATION = "ventilation"
    TRACHEOTOMY = "tracheotomy"
    OXYGEN = "oxygen"
    ISOLATION = "isolation"
    INTRAVENOUS = "intravenous"
    TRANSFUSION = "transfusion"
    WANDERING = "wandering"
    LIVES_ALONE = "lives_alone"


EXCLUSION_LABELS: Mapping[Exclusion, str] = {
    Exclusion.UNSTABLE: "Situation instable",
    Exclusion.VENTILATION: "Ventilation mécanique",
    Exclusion.TRACHEOTOMY: "Trachéotomie",
    Exclusion.OXYGEN: "Oxygène à haut débit",
    Exclusion.ISOLATION: "Isolement infectieux",
    Exclusion.INTRAVENOUS: "Traitement intraveineux continu",
    Exclusion.TRANSFUSION: "Transfusions",
    Exclusion.WANDERING: "Déambulation",
    Exclusion.LIVES_ALONE: "Personne vivant seule",
}
