"""Random descriptions, conditions and writes."""
