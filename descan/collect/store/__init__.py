"""The corpus that is being written, and what it already holds."""
