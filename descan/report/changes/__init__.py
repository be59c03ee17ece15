"""What a person sees of two analyses side by side."""
