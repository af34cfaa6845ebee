"""What generated clients are made of."""
