"""Base and tuned model on the same held-out questions."""
