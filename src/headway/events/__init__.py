"""Event files from the reader's side: what an event must be, reading and following files, showing what was recorded."""
