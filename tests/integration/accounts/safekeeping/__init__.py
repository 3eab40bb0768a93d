"""Keys that change, and copies that come back."""
