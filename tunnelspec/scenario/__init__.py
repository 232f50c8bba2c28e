"""Scenarios: calls that build on one another, each response checked against the model of the service."""
