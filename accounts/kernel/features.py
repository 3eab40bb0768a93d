"""How an app finds the models and the checks of its feature packages."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule


class FeatureAppConfig(AppConfig):
    """An app made of feature packages, each with the same floors.

    A feature's models carry the app's label, so a model can move from one
    feature to another without a migration.
    """

    def import_models(self) -> None:
        """Register the models of every feature beside those of the app."""
        super().import_models()
        self.models_module = self.module  # an app without this is taken for one without tables
        self._import_from_features("models")

    def ready(self) -> None:
        """Load what registers itself: jobs and event consumers, what a person's page shows."""
        self._import_from_features("tasks")
        self._import_from_features("panels")

    def _import_from_features(self, floor: str) -> None:
        for found in iter_modules([self.path]):
            if not found.ispkg:
                continue
            feature = import_module(f"{self.name}.{found.name}")
            if module_has_submodule(feature, floor):
                import_module(f"{feature.__name__}.{floor}")
