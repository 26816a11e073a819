"""What a sentence states, and whether a passage states the same."""
