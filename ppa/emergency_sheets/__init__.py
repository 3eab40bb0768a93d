"""The emergency sheet: one page for who regulates or comes at night, generated from the file, signed by a physician, numbered, followed to whoever holds it."""
