"""What a person's documents say both ways, and how somebody settled it."""
