"""The REST interface: one module an interaction, behind one door."""
