"""Personal data in texts and on pages: what `ingest.deidentify` joins."""
