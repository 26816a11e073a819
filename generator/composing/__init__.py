"""From passages to the statements of an answer: candidates, their order, and what is said around them."""
