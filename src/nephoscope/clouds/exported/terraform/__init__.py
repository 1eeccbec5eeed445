"""What `terraform show -json` tells: a row for each kind of resource, and for each field how it is read."""
