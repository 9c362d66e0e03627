"""Model: the words of the service. Nothing here does input or output."""
