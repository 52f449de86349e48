"""`python -m data bench`: loading at full size beside a bare reference."""
