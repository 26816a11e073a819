"""Sources become documents, documents become passages."""
