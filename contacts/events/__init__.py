"""Events in, from the clients that companies run already: each kept once, then taken in as what it is said to mean."""
