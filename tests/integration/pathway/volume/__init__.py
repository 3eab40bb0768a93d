"""A volume of invented people."""
