"""Stage categorize: from mentions to categories and readings, from classify answers to labels."""
