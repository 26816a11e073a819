"""From the places of text on a page to its printed results: rows, columns, cells, and the head of a report."""
