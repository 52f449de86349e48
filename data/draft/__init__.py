"""`python -m data new`: a first draft of a company folder from somebody's files."""
