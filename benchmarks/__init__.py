"""Speed, measured side by side; nothing here asserts a time."""
