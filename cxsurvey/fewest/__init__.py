"""The fewest contacts for a trustworthy answer: what each target needs, whom that takes, and what is kept of it."""
