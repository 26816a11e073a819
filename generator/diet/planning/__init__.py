"""Meals for days that meet the targets from the foods that are left."""
