"""Its place lets the tests in the folders below import the pages and results beside it."""
