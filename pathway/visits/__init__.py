"""The visits of volunteers who stand by a person: when, whether she could be met, one line without anything of her health."""
