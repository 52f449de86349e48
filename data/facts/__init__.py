"""From staged source tables to facts to additive roll-ups, for the days that changed."""
