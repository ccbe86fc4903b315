"""What a question is: its kinds, settings, conditions, answers, its way through the pages, its cost. Pure."""
