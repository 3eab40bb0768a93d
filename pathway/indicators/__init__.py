"""Figures for outsiders: monthly counts, small cells hidden."""
