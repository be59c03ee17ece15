"""Replies to classify prompts -> labels, or the reason why there is none."""
