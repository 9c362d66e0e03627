"""Contactory: bulk upsert of contacts behind three vendors' APIs."""
