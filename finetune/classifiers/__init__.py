"""Small classifiers over sentence vectors: support of a sentence, second look of triage, personal questions."""
