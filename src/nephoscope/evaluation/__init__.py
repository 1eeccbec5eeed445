"""Control × resource → verdict. Judging is pure; recording writes only what changed."""
