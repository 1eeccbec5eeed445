"""Policies: named, versioned sets of controls. Each benchmark is one; people make their own."""
