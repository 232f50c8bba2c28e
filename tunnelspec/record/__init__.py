"""A run as plain data: the record that every report is made from, and how each request is reproduced."""
