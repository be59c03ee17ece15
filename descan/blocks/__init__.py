"""What is done with a block of answers, in whatever process it is read."""
