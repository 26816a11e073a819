"""Diet plans: needs are computed, forbidden foods go first, optimisation finds the meals, and all of it has sources."""
