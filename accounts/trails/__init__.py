"""Who opened what: the person's own list, a professional's own accesses, those of an organisation and the unusual ones."""
