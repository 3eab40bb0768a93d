"""Every row of the rights matrix, through every door it has."""
