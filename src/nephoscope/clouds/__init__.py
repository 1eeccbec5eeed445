"""The clouds. Each knows its own calls; none knows a rule, a store or another cloud."""
