"""Chat models on this machine and behind a server, and how their tokens are chosen."""
