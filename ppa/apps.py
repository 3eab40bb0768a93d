"""The `ppa` app."""

from accounts.kernel.features import FeatureAppConfig


class PpaConfig(FeatureAppConfig):
    """Registers the feature packages of `ppa`."""

    default = True
    name = "ppa"
    verbose_name = "Plan personnalisé d’accompagnement"
