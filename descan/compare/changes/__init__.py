"""Two analyses side by side: what changed from A to B on the same items."""
