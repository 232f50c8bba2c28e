"""The benchmark against stock Schemathesis."""
