"""Self-tests: faults are detected, and no conforming target is flagged. Never shipped."""
