"""What kind of structure an organisation is."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    """A coarse kind, enough for rights and routing; the detail of an offer is in `pathway.structures`."""

    COORDINATION = "dac"
    HOSPITAL = "hospital"
    CARE_UNIT = "care_unit"
    HOME_HOSPITAL = "had"
    MOBILE_TEAM = "mobile_team"
    SUPPORT_HOUSE = "support_house"
    CARE_HOME = "care_home"
    HOME_NURSING = "home_nursing"
    EMERGENCY = "samu"
    AGENCY = "ars"
    NETWORK = "network"
    ASSOCIATION = "association"
    """Of volunteers who stand by persons, under a convention with the structures where they visit. Source: CSP L1110-11."""
    OTHER = "other"


class TerritoryKind(StrEnum):
    """What a territory is for."""

    REGION = "region"
    DEPARTEMENT = "departement"
    HOSPITAL_GROUP = "ght"
    COORDINATION = "dac"
