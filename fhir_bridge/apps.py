"""The `fhir_bridge` app."""

from accounts.kernel.features import FeatureAppConfig


class FhirBridgeConfig(FeatureAppConfig):
    """Registers the feature packages of `fhir_bridge`."""

    default = True
    name = "fhir_bridge"
    verbose_name = "Échanges FHIR"
