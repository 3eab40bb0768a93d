"""Structures, territories, professionals and who works where in which function."""
