"""Records over time and side by side: baseline, diff, trend, compare."""
