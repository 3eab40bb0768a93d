"""What a person was asked on admission: whether she wrote directives, whether she wishes a trusted person."""
