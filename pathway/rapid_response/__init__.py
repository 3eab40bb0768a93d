"""The rapid response teams (ERI-SP): one alert, one clock that everybody sees, a relay within 72 hours."""
