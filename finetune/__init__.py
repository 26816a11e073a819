"""Adapting the generator to a corpus."""
