"""Files of a person, encrypted outside the web root: checked before they are kept, read through the gate."""
