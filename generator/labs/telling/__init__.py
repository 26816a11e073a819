"""Results as people see them: words and signs, pictures of trends, and the tables for clinical review."""
