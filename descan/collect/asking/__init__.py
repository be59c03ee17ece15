"""One model's run: attempts, pace, budget, and early endings."""
