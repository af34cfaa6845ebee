"""Parts of generated clients."""
