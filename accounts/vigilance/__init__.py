"""Two records of one person: compared, merged and parted again by who holds the mandate of identity vigilance."""
