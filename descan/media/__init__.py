"""Pictures and clips: found to be sound, decoded, scaled and encoded."""
