"""What the person wants and what is planned."""
