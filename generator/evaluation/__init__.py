"""Measures of an answer against what is known of its question."""
