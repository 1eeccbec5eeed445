"""The process that parses what a disk says: it opens nothing, talks to nobody but its parent, and may die."""
