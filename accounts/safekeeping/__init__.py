"""Keys that change while people work, and copies that come back: rotation, backup, restore, drill."""
