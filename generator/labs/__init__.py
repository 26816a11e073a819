"""Lab reports: values read off a page, flags, what the pattern can mean, and what to do next."""
