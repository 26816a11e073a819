"""The ways in: command line, REST, chat."""
