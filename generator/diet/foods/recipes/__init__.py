"""Recipes of the dishes, one table for a kitchen."""
