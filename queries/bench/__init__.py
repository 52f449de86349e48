"""`python -m queries bench`: speed of answers and of the reading, beside bare references."""
