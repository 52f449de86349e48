"""Like with like: expected from the own mix of work, shrunk by luck, with an interval; and who may be named."""
