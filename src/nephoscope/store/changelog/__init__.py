"""The log of changes, and what whoever follows it must look at again."""
