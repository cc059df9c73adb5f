"""The sections of the config, a class each: key, type, range, unit, meaning, source."""
