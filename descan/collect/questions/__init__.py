"""What to ask: prompts, tasks, the plan, and what it costs."""
