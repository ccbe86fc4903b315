"""Who logs in: password, second factor, what keeps guesses away, and where somebody is logged in."""
