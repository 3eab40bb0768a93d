"""The coordination file: from the signalement of a person to a DAC to the end of its support, with worklist and timeline."""
