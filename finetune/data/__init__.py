"""Training data: from the catalog and from files to a prepared folder."""
