"""What leaves: merged weights, GGUF, the model card, the quantisation report."""
