"""From a query and a viewer to SQL trees with parameters."""
