"""The `pathway` app."""

from accounts.kernel.features import FeatureAppConfig


class PathwayConfig(FeatureAppConfig):
    """Registers the feature packages of `pathway`."""

    default = True
    name = "pathway"
    verbose_name = "Parcours"
