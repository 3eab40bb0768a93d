"""Measures: figures under `var/bench/`."""
