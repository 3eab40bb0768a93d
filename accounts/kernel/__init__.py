"""The lowest floor: what every feature stands on, and which knows no feature."""
