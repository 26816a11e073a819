"""What printed words mean, each on its own: numbers, names of analytes, units, headings and dates."""
