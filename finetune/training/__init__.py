"""Training a chat model on a prepared folder."""
