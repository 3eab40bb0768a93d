"""FHIR R4 without Django: systems, codes, datatypes, outcomes, input gate, validation, references, search values."""
