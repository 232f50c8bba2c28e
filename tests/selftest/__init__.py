"""Tests of ourselves: that faults are found and nobody is accused wrongly. Never shipped."""
