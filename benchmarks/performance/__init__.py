"""What the suite costs: `python -m benchmarks.performance` measures it and writes docs/performance.md."""
