"""Ask the models of a run: attempts, pace, budget, and early endings."""
