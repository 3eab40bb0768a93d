"""The same facts for other systems, as FHIR R4."""
