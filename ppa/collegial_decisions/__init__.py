"""Decisions that the law wants taken together and written down: not applying directives, limiting or stopping treatment, deep sedation."""
