"""What may happen to a person, what was agreed to do then, and the drugs prescribed ahead for it."""
