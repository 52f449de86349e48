"""`python -m data check`: a company folder held against what its keys may be and what its files give."""
