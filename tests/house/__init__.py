"""The habits of the house, held by tests."""
