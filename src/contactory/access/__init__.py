"""Who is calling, and what keeps secrets secret."""
