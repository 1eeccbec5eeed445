"""The history of the schema, run by `nephoscope db upgrade`. A revision never changes once it was released."""
