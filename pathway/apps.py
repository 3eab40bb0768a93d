"""The `pathway` app."""

from importlib import import_module

from accounts.kernel.features import FeatureAppConfig


class PathwayConfig(FeatureAppConfig):
    """Registers the feature packages of `pathway`, and the Celery application that rings the workers."""

    default = True
    name = "pathway"
    verbose_name = "Parcours"

    def ready(self) -> None:
        """Load Celery once the settings are read, then the features."""
        import_module("pathway.celery")
        super().ready()
