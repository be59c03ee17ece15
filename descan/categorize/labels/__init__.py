"""From replies to classify prompts to labels, or to the reason why there is none."""
