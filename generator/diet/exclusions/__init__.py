"""What a person must not, or should rather not, eat: allergies, restrictions, safety, drugs and symptoms."""
