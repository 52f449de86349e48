"""From words to a query: what each word may mean, how the parts fit together, and what was not understood."""
