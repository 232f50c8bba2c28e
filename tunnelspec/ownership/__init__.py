"""Shows which resources are provably a run's, and deletes them and no others (docs/decisions/0011)."""
