"""Azure: Resource Graph for breadth, Resource Manager for depth, Microsoft Graph for the directory."""
