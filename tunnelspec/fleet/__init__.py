"""A run in parts: units of work as plain data, for processes of this machine, for shards and for a cluster."""
