"""Training the embedder and the reranker."""
