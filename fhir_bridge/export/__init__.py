"""The copy of a person's file: what other systems read of her, her papers, and who opened her file."""
