"""Reports: every one is a function of the run record and of nothing else."""
